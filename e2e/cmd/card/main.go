// Card makes a page to print of docs/card.md: one sheet of A4 in large type,
// for members. Chromium makes the PDF. `make card` runs it.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"wolkwijs/e2e/tree"
)

func main() {
	if err := run("dist/card.pdf"); err != nil {
		fmt.Fprintln(os.Stderr, "card:", err)
		os.Exit(1)
	}
}

// page is the sheet around the text. Sizes are those of print.
var page = template.Must(template.New("").Parse(`<!doctype html>
<html lang="nl">
<meta charset="utf-8">
<title>Vraag het Wolkwijs</title>
<style>
  @page { size: A4; margin: 14mm 16mm; }
  body { font: 17pt/1.25 "Noto Sans", sans-serif; color: #000; margin: 0; }
  h1 { display: flex; align-items: center; gap: 6mm; font-size: 34pt; margin: 0 0 4mm; }
  h1 svg { width: 20mm; height: 20mm; border-radius: 50%; }
  p { margin: 3mm 0; }
  table { border-collapse: collapse; width: 100%; }
  th { text-align: left; font-size: 13pt; font-weight: 400; }
  th, td { padding: 2.2mm 2mm; border-bottom: 0.3mm solid #777; vertical-align: baseline; }
  td:first-child { font-weight: 700; width: 12mm; }
  td strong { font-size: 17pt; }
  code { font-family: "Noto Sans Mono", monospace; font-size: 0.95em; }
</style>
<body>{{.}}</body>
</html>`))

// run writes the PDF to file, below the top of the source tree.
func run(file string) error {
	browser, err := exec.LookPath("chromium")
	if err != nil {
		return fmt.Errorf("the card is printed by Chromium (Debian: apt install chromium fonts-noto-core): %w", err)
	}
	root, err := tree.Root()
	if err != nil {
		return err
	}
	text, textErr := os.ReadFile(filepath.Join(root, "docs", "card.md"))
	avatar, avatarErr := os.ReadFile(filepath.Join(root, "bot", "profile", "avatar.svg"))
	if err := errors.Join(textErr, avatarErr); err != nil {
		return err
	}
	var body, html bytes.Buffer
	if err := goldmark.New(goldmark.WithExtensions(extension.Table)).Convert(text, &body); err != nil {
		return err
	}
	marked := bytes.Replace(body.Bytes(), []byte("<h1>"), append([]byte("<h1>"), avatar...), 1)
	if err := page.Execute(&html, template.HTML(marked)); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "wolkwijs-card-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	source := filepath.Join(dir, "card.html")
	if err := os.WriteFile(source, html.Bytes(), 0o600); err != nil {
		return err
	}
	file = filepath.Join(root, file)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	cmd := exec.Command(browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
		"--disable-sync", "--no-first-run", "--user-data-dir="+filepath.Join(dir, "browser"), "--no-pdf-header-footer", "--print-to-pdf="+file, "file://"+source)
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, said)
	}
	made, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if pages := len(regexp.MustCompile(`/Type\s*/Page\b`).FindAll(made, -1)); pages != 1 {
		return fmt.Errorf("%s has %d pages; shorten docs/card.md until it is one", file, pages)
	}
	fmt.Println(file)
	return nil
}
