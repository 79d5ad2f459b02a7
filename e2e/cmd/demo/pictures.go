package main

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"wolkwijs/domaincheck/dnsq/dnstest"
	"wolkwijs/e2e/tree"
)

// conversation is what a picture shows.
type conversation struct {
	name      string // of the picture's files
	title     string // of the room, in the picture
	direct    bool
	questions []string
}

// conversations are those of README.md and LEESMIJ.md. The domain is one that
// the zone of the documentation knows.
var conversations = []conversation{
	{"check", "Computerclub", false, []string{"!check example.nl"}},
	{"alt", "Computerclub", false, []string{"!alt whatsapp"}},
	{"direct", "Wolkwijs", true, []string{"is openbare wifi veilig?", "wat kan ik gebruiken in plaats van Gmail?"}},
}

// A picture is the screen of a phone, in CSS pixels. It has twice as many, to
// be sharp.
const (
	pictureWidth  = 400
	pictureHeight = 860
	pictureScale  = 2
)

//go:embed picture.html
var picturePage string

// startZone starts a DNS server that knows what the documentation tells about.
func startZone() (*dnstest.Server, error) {
	root, err := tree.Root()
	if err != nil {
		return nil, err
	}
	zone, err := os.ReadFile(filepath.Join(root, "docs", "testdata", "example.zone"))
	if err != nil {
		return nil, err
	}
	return dnstest.Start(string(zone))
}

// bubble is one message in a picture.
type bubble struct {
	Own  bool // by the member
	HTML template.HTML
}

// draw plays the conversations and has each drawn in dir, light and dark.
func draw(s *stage, dir string) error {
	browser, err := exec.LookPath("chromium")
	if err != nil {
		return fmt.Errorf("pictures are drawn by Chromium (Debian: apt install chromium fonts-noto-color-emoji): %w", err)
	}
	page, err := template.New("").Parse(picturePage)
	if err != nil {
		return err
	}
	root, err := tree.Root()
	if err != nil {
		return err
	}
	avatar, err := os.ReadFile(filepath.Join(root, "bot", "profile", "avatar.svg"))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, c := range conversations {
		bubbles, err := s.play(c)
		if err != nil {
			return err
		}
		for _, theme := range []string{"light", "dark"} {
			var html bytes.Buffer
			err := page.Execute(&html, map[string]any{
				"Theme": theme, "Width": pictureWidth, "Height": pictureHeight, "Title": c.title, "Direct": c.direct, "Bubbles": bubbles, "Avatar": template.HTML(avatar),
			})
			if err != nil {
				return err
			}
			file := filepath.Join(dir, c.name+"-"+theme+".png")
			if err := s.drawPage(browser, html.Bytes(), file); err != nil {
				return fmt.Errorf("draw %s: %w", file, err)
			}
			fmt.Println(file)
		}
	}
	return nil
}

// play asks the questions of a conversation. What the bot answers is shown
// as it came, as the HTML that clients show.
func (s *stage) play(c conversation) ([]bubble, error) {
	room := s.club
	if c.direct {
		room = s.dm
	}
	var all []bubble
	for _, question := range c.questions {
		answer, err := s.ask(room, question)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", question, err)
		}
		all = append(all,
			bubble{Own: true, HTML: template.HTML(template.HTMLEscapeString(question))},
			bubble{HTML: template.HTML(answer.Message().FormattedBody)})
	}
	return all, nil
}

// drawPage has the browser draw a page.
func (s *stage) drawPage(browser string, html []byte, file string) error {
	page := filepath.Join(s.dir, "picture.html")
	if err := os.WriteFile(page, html, 0o600); err != nil {
		return err
	}
	cmd := exec.CommandContext(s.ctx, browser,
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
		"--disable-sync", "--no-first-run", "--hide-scrollbars", "--user-data-dir="+filepath.Join(s.dir, "browser"),
		fmt.Sprintf("--force-device-scale-factor=%d", pictureScale), fmt.Sprintf("--window-size=%d,%d", pictureWidth, pictureHeight),
		"--screenshot="+file, "file://"+page)
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, said)
	}
	return shrink(file, pictureWidth*pictureScale, pictureHeight*pictureScale)
}

// shrink writes a picture again with the colours that it has, 256 at most:
// text on a few plain colours loses nothing that one can see, and takes a
// third of the room. It fails unless the picture has the expected size.
func shrink(file string, width, height int) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	drawn, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return err
	}
	bounds := drawn.Bounds()
	if bounds.Dx() != width || bounds.Dy() != height {
		return fmt.Errorf("it has %v pixels, want %d×%d", bounds.Size(), width, height)
	}
	count := map[color.RGBA]int{}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			count[color.RGBAModel.Convert(drawn.At(x, y)).(color.RGBA)]++
		}
	}
	palette := mostUsed(count, 256)
	small := image.NewPaletted(bounds, palette)
	near := map[color.RGBA]uint8{}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			c := color.RGBAModel.Convert(drawn.At(x, y)).(color.RGBA)
			index, known := near[c]
			if !known {
				index = uint8(palette.Index(c))
				near[c] = index
			}
			small.SetColorIndex(x, y, index)
		}
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, small); err != nil {
		return err
	}
	return os.WriteFile(file, out.Bytes(), 0o644)
}

// mostUsed returns the n colours that are used most, in an order that is the
// same each time.
func mostUsed(count map[color.RGBA]int, n int) color.Palette {
	all := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int {
		return cmp.Or(
			cmp.Compare(count[b], count[a]),
			cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B), cmp.Compare(a.A, b.A))
	})
	var palette color.Palette
	for _, c := range all[:min(n, len(all))] {
		palette = append(palette, c)
	}
	return palette
}
