package commands

import (
	"strings"

	"wolkwijs/answer"
)

// commands is the table of all commands, in the order in which !help lists
// them. Each is made in the file that bears its name.
func (s *Service) commands() []*command {
	return []*command{
		s.altCommand(),
		s.checkCommand(),
		s.compareCommand(),
		s.twoFactorCommand(),
		s.tipCommand(),
		s.explainCommand(),
		s.askCommand(),
		s.moreCommand(),
		s.helpCommand(),
		s.aboutCommand(),
		s.disclaimerCommand(),
		s.privacyCommand(),
		s.languageCommand(),
		s.scheduleCommand(),
		s.watchCommand(),
		s.unwatchCommand(),
		s.statusCommand(),
		s.roomsCommand(),
		s.reloadCommand(),
	}
}

// putPrefix replaces the "!" of commands in a by the real prefix.
func (s *Service) putPrefix(a *answer.Answer) {
	s.putPrefixText(a.Headline)
	s.putPrefixText(a.Source)
	s.putPrefixBlocks(a.Blocks)
	for _, c := range a.Choices {
		s.putPrefixText(c.Label)
	}
}

func (s *Service) putPrefixBlocks(blocks []answer.Block) {
	for _, b := range blocks {
		switch b := b.(type) {
		case answer.Paragraph:
			s.putPrefixText(b.Text)
		case answer.List:
			for _, t := range b.Items {
				s.putPrefixText(t)
			}
		case answer.Table:
			for _, row := range append([][]answer.Text{b.Head}, b.Rows...) {
				for _, t := range row {
					s.putPrefixText(t)
				}
			}
		case answer.Details:
			s.putPrefixText(b.Summary)
			s.putPrefixBlocks(b.Blocks)
		}
	}
}

func (s *Service) putPrefixText(t answer.Text) {
	for i := range t {
		if t[i].Kind != answer.Mono {
			continue
		}
		if line, ok := strings.CutPrefix(t[i].S, "!"); ok {
			if name, _ := split(line); s.byName[name] != nil {
				t[i].S = s.Prefix + line
			}
		}
	}
}
