package bot

import (
	"context"
	"fmt"
	"strings"

	"wolkwijs/answer"
	"wolkwijs/commands"
	"wolkwijs/lang"
)

// maxPage is how many bytes of text a message may hold. An event may have
// 65,536 bytes (Matrix specification, client-server API, "Size limits"); the
// text is in it twice, as plain body and as HTML with its marks, and
// encryption adds a third.
const maxPage = 8_000

// paginate divides an answer into messages. Most answers are one. prefix is
// what a command begins with.
func paginate(a *answer.Answer, prefix string) []*answer.Answer {
	var parts [][]answer.Block
	var part []answer.Block
	room := maxPage - size(a.Headline) - size(a.Source)
	for _, block := range a.Blocks {
		for _, piece := range split(block) {
			n := blockSize(piece)
			if n > room && len(part) > 0 {
				parts, part, room = append(parts, part), nil, maxPage
			}
			part, room = append(part, piece), room-n
		}
	}
	parts = append(parts, part)
	if len(parts) == 1 {
		return []*answer.Answer{a}
	}
	pages := make([]*answer.Answer, len(parts))
	for i, blocks := range parts {
		page := *a
		page.Blocks = blocks
		if i > 0 {
			page.Headline = nil
		}
		if i < len(parts)-1 {
			page.Source, page.Choices = nil, nil
			page.Para(answer.Prose(fmt.Sprintf(textPage.In(a.Lang), i+1, len(parts), prefix)))
		}
		pages[i] = &page
	}
	return pages
}

var textPage = lang.Text{
	NL: "Deel %d van %d. Typ `%smeer` voor het volgende deel, of reageer met ➡️ (pijl naar rechts).",
	EN: "Part %d of %d. Type `%smore` for the next part, or react with ➡️ (right arrow).",
}

// turned sends the next part of the newest answer in a room that has one to
// whoever asks for more, and says whether it did. Not everybody's client has
// reactions. What else "more" can mean is known to the commands.
func (b *Bot) turned(ctx context.Context, d delivery, request commands.Request) bool {
	word := strings.ToLower(strings.TrimPrefix(request.Text, b.cfg.Bot.Prefix))
	if word != "meer" && word != "more" {
		return false
	}
	pages := b.offers.turn(d.room, b.store.Now())
	if len(pages) == 0 {
		return false
	}
	reply, err := b.deliverPages(ctx, d, pages)
	b.settled(ctx, d, reply, err)
	return true
}

// split divides a block that is longer than a message by its items or rows.
func split(block answer.Block) []answer.Block {
	if blockSize(block) <= maxPage {
		return []answer.Block{block}
	}
	var pieces []answer.Block
	switch v := block.(type) {
	case answer.List:
		start := max(v.Start, 1)
		for len(v.Items) > 0 {
			n := fitting(v.Items, size)
			pieces = append(pieces, answer.List{Ordered: v.Ordered, Start: start, Items: shorten(v.Items[:n])})
			v.Items, start = v.Items[n:], start+n
		}
	case answer.Table:
		for len(v.Rows) > 0 {
			n := fitting(v.Rows, rowSize)
			pieces = append(pieces, answer.Table{Head: v.Head, Rows: v.Rows[:n]})
			v.Rows = v.Rows[n:]
		}
	case answer.Details:
		pieces = append(pieces, answer.Paragraph{Text: v.Summary})
		for _, inner := range v.Blocks {
			pieces = append(pieces, split(inner)...)
		}
	case answer.Paragraph:
		pieces = append(pieces, answer.Paragraph{Text: shorten([]answer.Text{v.Text})[0]})
	}
	return pieces
}

// fitting is how many of the first things go in one message, at least one.
func fitting[T any](things []T, size func(T) int) int {
	room := maxPage
	for i, thing := range things {
		if room -= size(thing); room < 0 && i > 0 {
			return i
		}
	}
	return len(things)
}

// shorten cuts texts that alone are longer than a message. That is never
// prose: only a stranger's record can be so long.
func shorten(texts []answer.Text) []answer.Text {
	short := make([]answer.Text, len(texts))
	for i, t := range texts {
		room := maxPage
		for _, span := range t {
			if len(span.S) > room {
				cut := room
				for cut > 0 && span.S[cut]&0xC0 == 0x80 { // not inside a character
					cut--
				}
				span.S = span.S[:cut] + "…"
				short[i] = append(short[i], span)
				break
			}
			room -= len(span.S)
			short[i] = append(short[i], span)
		}
	}
	return short
}

func size(t answer.Text) int {
	n := 8 // its tags
	for _, span := range t {
		n += len(span.S) + len(span.URL)
	}
	return n
}

func rowSize(row []answer.Text) int {
	n := 0
	for _, cell := range row {
		n += size(cell)
	}
	return n
}

func blockSize(block answer.Block) int {
	n := 0
	switch v := block.(type) {
	case answer.Paragraph:
		n = size(v.Text)
	case answer.List:
		n = rowSize(v.Items)
	case answer.Table:
		n = rowSize(v.Head)
		for _, row := range v.Rows {
			n += rowSize(row)
		}
	case answer.Details:
		n = size(v.Summary)
		for _, inner := range v.Blocks {
			n += blockSize(inner)
		}
	}
	return n
}
