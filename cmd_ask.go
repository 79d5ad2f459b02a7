package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"wolkwijs/answer"
	"wolkwijs/commands"
	"wolkwijs/knowledge"
	"wolkwijs/knowledge/search"
	"wolkwijs/lang"
)

// askCmd answers questions in plain words.
type askCmd struct {
	JSON      bool     `name:"json" help:"Print JSON: {question, lang, topic, score, answer, alternatives, sources}."`
	Batch     bool     `help:"Read one question per line from standard input; needs --json."`
	Lang      string   `enum:"nl,en,auto" default:"auto" help:"Language of the answers: ${enum}; auto is that of the question."`
	Knowledge string   `placeholder:"DIR" help:"Folder with extra or overriding knowledge files."`
	Question  []string `arg:"" optional:"" help:"The question."`
}

// asked is what `ask --json` prints for one question.
type asked struct {
	Question     string          `json:"question"`
	Lang         lang.Code       `json:"lang"`
	Topic        string          `json:"topic"`
	Score        float64         `json:"score"`
	Answer       string          `json:"answer"`
	Alternatives []search.Scored `json:"alternatives"`
	Sources      []string        `json:"sources"`
}

// Run answers the question, or each line of standard input.
func (c askCmd) Run(p *program) error {
	kb, err := knowledge.Open(c.Knowledge)
	if err != nil {
		return wrongUse{err}
	}
	l := lang.Code(c.Lang)
	if c.Lang == "auto" {
		l = ""
	}
	service := commands.New(commands.Options{Knowledge: kb, Version: versionText()})
	question := strings.Join(c.Question, " ")
	switch {
	case c.Batch && !c.JSON:
		return wrongUse{errors.New("--batch needs --json")}
	case c.Batch:
		return c.batch(p, service, l)
	case question == "":
		return wrongUse{errors.New("ask needs a question, or --json --batch")}
	case c.JSON:
		return json.NewEncoder(p.out).Encode(c.one(p, service, question, l))
	}
	a := service.Answer(p.ctx, commands.Request{Text: question, Lang: l, Kind: commands.Terminal})
	_, err = fmt.Fprint(p.out, answer.Render(a, answer.Options{Width: 80}))
	return err
}

// batch prints one object per line of standard input.
func (c askCmd) batch(p *program, service *commands.Service, l lang.Code) error {
	out := json.NewEncoder(p.out)
	return p.eachLine(func(line string) error { return out.Encode(c.one(p, service, line, l)) })
}

// one answers a question as a value. What is asked of DNS is not looked up: the
// topic names the domain, and `wolkwijs check` looks.
func (c askCmd) one(p *program, service *commands.Service, question string, l lang.Code) asked {
	r := service.Understand(question, l)
	a, sources := service.AnswerTo(p.ctx, question, r)
	return asked{
		Question: question, Lang: r.Lang, Topic: r.Topic, Score: r.Score, Answer: answer.Body(a, answer.Options{}),
		Alternatives: append([]search.Scored{}, r.Others...), Sources: append([]string{}, sources...),
	}
}
