package knowledge

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxName is the number of bytes of a text that are looked at when it is
// compared with names: no name is longer, and strangers write long texts.
const maxName = 200

// words splits text into folded words: lower case, without accents, and
// divided at everything that is neither a letter nor a digit. An apostrophe
// and a dot inside a word join ("agenda's", "bol.com"); a plus sign after one
// is spelled out ("Disney+"). At most maxName bytes of text are read.
func words(text string) []string {
	if len(text) > maxName {
		text = text[:maxName]
	}
	if !plainASCII(text) {
		text = norm.NFKD.String(strings.ToValidUTF8(text, " "))
	}
	var all []string
	word := make([]byte, 0, 32)
	end := func() {
		if len(word) > 0 {
			all = append(all, string(word))
			word = word[:0]
		}
	}
	for _, r := range text {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			word = append(word, byte(r))
		case 'A' <= r && r <= 'Z':
			word = append(word, byte(r+'a'-'A'))
		case r == '\'', r == '’', r == '.', unicode.In(r, unicode.Mn, unicode.Cf):
		case r == '+' && len(word) > 0:
			word = append(word, "plus"...)
		case unicode.IsLetter(r), unicode.IsDigit(r):
			word = utf8.AppendRune(word, unicode.ToLower(letter(r)))
		default:
			end()
		}
	}
	end()
	return all
}

// letter gives the plain letter for those that decomposition leaves whole.
func letter(r rune) rune {
	switch r {
	case 'ø', 'Ø':
		return 'o'
	case 'ł', 'Ł':
		return 'l'
	case 'đ', 'Đ', 'ð', 'Ð':
		return 'd'
	case 'ı':
		return 'i'
	case 'ß':
		return 's'
	case 'æ', 'Æ':
		return 'e'
	}
	return r
}

// plainASCII says that s needs no decomposition.
func plainASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Fold returns the form in which names are compared: two texts are the same
// name if they fold to the same string. Case, accents, punctuation and spaces
// do not count, so "Google-Mail", "google mail" and "GoogleMail" are one.
func Fold(text string) string { return strings.Join(words(text), "") }

// stem takes the Dutch and English endings of number and size off a folded
// name, so that "wachtwoordmanagers", "kluisje" and "agendas" meet their
// singular. It is made for names, not for running text: both sides of a
// comparison go through it, so a wrong stem costs nothing as long as it is
// the same wrong stem.
func stem(key string) string {
	s := key
	for range 2 { // kluisjes → kluis → klui, as kluis → klui
		before := s
		for _, ending := range []string{"jes", "je", "en", "es", "s", "e"} {
			if t, ok := strings.CutSuffix(s, ending); ok && len(t) >= 4 {
				s = t
				if ending == "jes" || ending == "je" { // appje, sleuteltje, bestandje
					s = strings.TrimSuffix(s, "t")
				}
				break
			}
		}
		s = singular(s)
		if s == before {
			break
		}
	}
	return s
}

// singular undoes how Dutch spelling changes the end of a word before an
// ending: bellen → bel, talen → taal → tal, brieven → brief, kluizen → kluis.
func singular(s string) string {
	n := len(s)
	switch {
	case n > 3 && s[n-1] == s[n-2]:
		s = s[:n-1]
	case n > 4 && s[n-2] == s[n-3] && strings.IndexByte("aeou", s[n-2]) >= 0:
		s = s[:n-2] + s[n-1:]
	}
	switch n = len(s); s[max(n-1, 0):] {
	case "v":
		s = s[:n-1] + "f"
	case "z":
		s = s[:n-1] + "s"
	}
	return s
}
