package answer

import (
	"fmt"
	"html"
	"strings"
	"unicode"
)

// maxMono is the most code points that are shown of one record or name, so
// that a stranger's 64 kB record does not fill a room.
const maxMono = 400

// Clean makes a stranger's text harmless to look at: control characters,
// direction marks and invisible characters are shown as \u{…} instead of
// taking effect (Unicode Technical Report 36, section 2.10), and bytes that
// are no UTF-8 as U+FFFD.
func Clean(s string) string {
	if !needsCleaning(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if dangerous(r) {
			fmt.Fprintf(&b, `\u{%x}`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func needsCleaning(s string) bool {
	for _, r := range s {
		if dangerous(r) || r == unicode.ReplacementChar {
			return true
		}
	}
	return false
}

// dangerous says whether r is a code point that changes how its neighbours
// look or that cannot be seen itself.
func dangerous(r rune) bool {
	switch {
	case r < 0x80:
		return r < ' ' || r == 0x7f
	case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
		return true
	case unicode.Is(unicode.Co, r), unicode.Is(unicode.Variation_Selector, r) && r > 0xff00:
		return true
	}
	return false
}

// mono returns the text of a Mono span as it is shown: cleaned, cut to
// maxMono code points, and with what programs turn into links, mentions or
// pings taken apart by a word joiner (U+2060), which is not seen.
func mono(s string) string {
	runes := 0
	for i := range s {
		if runes++; runes > maxMono {
			s = s[:i] + "…"
			break
		}
	}
	return disarm.Replace(Clean(s))
}

const joiner = "\u2060"

var disarm = strings.NewReplacer(
	"://", ":"+joiner+"//",
	"@", "@"+joiner,
	"mailto:", "mailto"+joiner+":",
	"matrix:", "matrix"+joiner+":",
	"matrix.to", "matrix"+joiner+".to",
)

// prose returns the text of any other span as it is shown.
func prose(s string) string { return Clean(s) }

func escape(s string) string { return html.EscapeString(s) }
