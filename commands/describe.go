package commands

import (
	"slices"
	"strings"

	"wolkwijs/lang"
)

// Description is a command as somebody can be shown it before they type it.
type Description struct {
	Name     string    // the command's name in the language asked for
	Aliases  []string  // its other names, of both languages
	Summary  lang.Text // what it does, in a few words
	Argument lang.Text // what to write after the name; zero: nothing
	Optional bool      // the argument may be left out
}

// Describe describes the commands that everybody may use, by their names in
// language l. Those of the bot's admins are nobody else's business.
func (s *Service) Describe(l lang.Code) []Description {
	var all []Description
	for _, c := range s.table {
		if c.admin {
			continue
		}
		d := Description{Name: c.name(l), Summary: c.summary}
		d.Aliases = slices.DeleteFunc(c.allNames(), func(name string) bool { return name == d.Name })
		d.Argument.NL, d.Optional = withoutBrackets(c.args.NL)
		d.Argument.EN, _ = withoutBrackets(c.args.EN)
		all = append(all, d)
	}
	return all
}

// withoutBrackets takes off the brackets around all of an argument, which say
// that it may be left out.
func withoutBrackets(args string) (inner string, optional bool) {
	inner, ok := strings.CutPrefix(args, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	if !ok || !closed || strings.ContainsAny(inner, "[]") {
		return args, args == ""
	}
	return inner, true
}
