package schedule

import "wolkwijs/lang"

// Times of day, as people tell them.

// half reads "half tien" (9:30) and "half past nine" (9:30). "Half ten" is
// 10:30 to the English.
func (p *parser) half(written string) {
	if m, _, _ := meaningOf(p.next(), p.lang); m.kind == past {
		p.relative(30, written)
		return
	}
	n, hour := p.number()
	if n == 0 {
		p.fail(BadTime, written)
		return
	}
	p.at++
	p.setTime(n, 0, written+" "+hour)
	p.back(30)
	p.halfTo, p.told = true, true
}

// relative reads "kwart over negen", "ten to nine", "5 voor half 10".
func (p *parser) relative(minutes int, written string) {
	m, _, _ := meaningOf(p.next(), p.lang)
	if m.kind != past && m.kind != before || minutes > 30 {
		p.fail(BadTime, written)
		return
	}
	written += " " + p.words[p.at]
	p.at++
	if p.next() == "half" {
		written += " " + p.words[p.at]
		p.at++
		p.half(written)
	} else {
		n, hour := p.number()
		if n == 0 {
			p.fail(BadTime, written)
			return
		}
		p.at++
		p.setTime(n, 0, written+" "+hour)
	}
	if m.kind == before {
		p.back(minutes)
	} else {
		p.back(-minutes)
	}
	p.told = true
}

// back turns the time back.
func (p *parser) back(minutes int) {
	t := (p.hour*60 + p.minute - minutes + 24*60) % (24 * 60)
	p.hour, p.minute = t/60, t%60
}

func (p *parser) setTime(hour, minute int, written string) {
	switch {
	case hour > 23 || minute > 59:
		p.fail(BadTime, written)
	case p.timed:
		p.fail(Twice, written)
	}
	p.timed, p.timeWord, p.hour, p.minute = true, written, hour, minute
}

func (p *parser) setPart(part int, written string) {
	if p.part > 0 {
		p.fail(Twice, written)
	}
	p.part = part + 1
}

func (p *parser) setMeridiem(m int, written string) {
	if p.meridiem > 0 {
		p.fail(Twice, written)
	}
	p.meridiem = m/12 + 1
}

// clock is the time of day in 24 hours.
func (p *parser) clock() (hour, minute int) {
	hour = p.hour
	if p.halfTo && !p.spoken[lang.NL] && (p.lang != lang.NL || p.spoken[lang.EN]) {
		p.fail(TwoTimes, p.timeWord)
	}
	ok := true
	switch {
	case p.meridiem > 0:
		ok = hour <= 12 && (hour > 0 || p.told)
		hour = hour%12 + 12*(p.meridiem-1)
	case p.part > 0:
		hour, ok = inPart(hour, p.part-1)
	case p.told && hour == 0: // nobody says "half one" of the night without saying so
		hour = 12
	}
	if !ok {
		p.fail(BadTime, p.timeWord)
	}
	return hour, p.minute
}

// inPart is an hour in a part of the day in 24 hours; false if there is no
// such hour in it.
func inPart(hour, part int) (int, bool) {
	bounds := [...]struct{ from, to int }{morning: {0, 12}, afternoon: {12, 19}, evening: {17, 24}, night: {20, 31}}[part]
	for _, h := range []int{hour, hour + 12, hour + 24} {
		if h >= bounds.from && h < bounds.to && (hour <= 12 || h == hour) {
			return h % 24, true
		}
	}
	return hour, false
}
