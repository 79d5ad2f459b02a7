package spf

import (
	"context"
	"slices"
	"strings"
	"sync"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/record"
)

// The limits of one SPF check (RFC 7208, section 4.6.4).
const (
	MaxLookups = 10 // terms that cause DNS queries
	MaxVoid    = 2  // of those, queries that find nothing
	MaxMX      = 10 // MX records of an mx mechanism
)

// What a walk does at most: records read, and terms of which the own query is
// made. Both are far over what a valid tree has, so that a report can say how
// much too large a tree is.
const (
	maxNodes   = 40
	maxQueries = 30
)

// Problem is why a node has no usable record.
type Problem string

// The problems of a node. All but Failed make a check end in permerror.
const (
	NoRecord Problem = "no-record"    // the name exists, without SPF
	NoName   Problem = "no-name"      // the name does not exist
	Multiple Problem = "multiple"     // more than one SPF record (section 4.5)
	Invalid  Problem = "invalid"      // it breaks the grammar: see Node.Err
	Loop     Problem = "loop"         // it includes a record that it was included by
	Failed   Problem = "failed"       // it could not be looked up
	Macro    Problem = "macro"        // its name depends on the message
	TooMany  Problem = "too-many"     // not read any more: the tree is too large
	BadName  Problem = "invalid-name" // its name is too long for DNS
)

// Node is one record in the tree.
type Node struct {
	Via      string // the term that led here, such as "include:example.org"; empty at the root
	Domain   string // lower case, no final dot; with macros where they could not be filled in
	Text     string // the SPF record
	Texts    []string
	Record   *Record
	Problem  Problem // empty if the record is fine
	Err      error   // for Invalid: a *syntax.Error
	Lookups  int     // terms that cause queries, in this record and below
	Children []*Node

	cut bool // children were left out
}

// Tree is what a walk found.
type Tree struct {
	Root *Node
	// Lookups is the number of terms that cause DNS queries; AtLeast says
	// that more may follow where the walk could not go on.
	Lookups int
	AtLeast bool
	Void    []string // terms whose query found nothing, each as often as it is in the tree
	ManyMX  []string // mx terms with more than MaxMX records
	PTR     []string // ptr terms (deprecated, section 5.5)
	Macros  []string // terms whose name depends on the message
	Hosts   []string // names of a, mx and exists terms other than the root's own
}

// Walk reads the SPF tree of domain. txt is the answer to its TXT query. The
// terms' own queries (the addresses of a:, for example) are made too, because
// those that find nothing are limited. Queries of one level run side by side;
// asking each question once is up to the client.
func Walk(ctx context.Context, client dnsq.Client, domain string, txt dnsq.Answer) *Tree {
	w := &walk{ctx: ctx, client: client, root: strings.TrimSuffix(strings.ToLower(domain), "."), tree: &Tree{}}
	w.tree.Root = &Node{Domain: w.root}
	w.nodes = 1
	w.read(w.tree.Root, txt, nil)
	w.wait.Wait()
	w.count(w.tree.Root)
	w.tree.Lookups = w.tree.Root.Lookups
	w.sortTerms()
	return w.tree
}

type walk struct {
	ctx    context.Context
	client dnsq.Client
	root   string
	wait   sync.WaitGroup

	mu      sync.Mutex
	nodes   int
	queries int
	tree    *Tree
}

// note appends a term to a list of the tree.
func (w *walk) note(list *[]string, term string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Contains(*list, term) {
		*list = append(*list, term)
	}
}

// sortTerms gives the lists that were filled side by side a fixed order.
func (w *walk) sortTerms() {
	for _, list := range [][]string{w.tree.Void, w.tree.ManyMX, w.tree.PTR, w.tree.Macros, w.tree.Hosts} {
		slices.Sort(list)
	}
}

// read takes the SPF record of n out of the answer and starts the queries of
// its terms. above are the domains that led to n.
func (w *walk) read(n *Node, answer dnsq.Answer, above []string) {
	switch answer.Status {
	case dnsq.Failed:
		n.Problem = Failed
		return
	case dnsq.NXDomain:
		n.Problem = NoName
		return
	}
	for _, txt := range record.TXT(answer) {
		if Is(txt) {
			n.Texts = append(n.Texts, txt)
		}
	}
	if len(n.Texts) != 1 {
		n.Problem = NoRecord
		if len(n.Texts) > 1 {
			n.Problem = Multiple
		}
		return
	}
	n.Text = n.Texts[0]
	if n.Record, n.Err = Parse(n.Text); n.Err != nil {
		n.Problem = Invalid
		return
	}
	above = append(slices.Clip(above), n.Domain)
	for _, t := range n.Record.Reached() {
		w.term(n, t, above)
	}
	// redirect= counts only without all (section 6.1).
	if n.Record.Redirect != nil && n.Record.All() == nil {
		w.term(n, *n.Record.Redirect, above)
	}
}

// term starts the queries that one term causes.
func (w *walk) term(n *Node, t Term, above []string) {
	domain := n.Domain
	if t.Domain != "" {
		expanded, ok := expand(t.Domain, n.Domain, w.root)
		if t.Macros && !ok && t.Queries() {
			w.note(&w.tree.Macros, t.Text)
			if t.Follows() {
				n.Children = append(n.Children, &Node{Via: t.Text, Domain: t.Domain, Problem: Macro})
			}
			return
		}
		domain = strings.TrimSuffix(strings.ToLower(expanded), ".")
	}
	switch t.Name {
	case "include", "redirect":
		w.follow(n, t, domain, above)
	case "ptr":
		w.note(&w.tree.PTR, t.Text)
	case "a", "mx", "exists":
		if domain != w.root {
			w.note(&w.tree.Hosts, domain)
		}
		if w.take(&w.queries, maxQueries) {
			w.wait.Go(func() { w.void(t, domain) })
		}
	}
}

// follow makes the node of an include: or redirect= and starts reading it. Of
// those that are too many only the first has a node.
func (w *walk) follow(n *Node, t Term, domain string, above []string) {
	c := &Node{Via: t.Text, Domain: domain}
	switch {
	case slices.Contains(above, domain):
		c.Problem = Loop
	case !w.take(&w.nodes, maxNodes):
		if n.cut {
			return
		}
		c.Problem, n.cut = TooMany, true
	case !record.IsName(domain):
		c.Problem = BadName
	default:
		defer w.wait.Go(func() { w.read(c, w.client.Query(w.ctx, domain, dns.TypeTXT), above) })
	}
	n.Children = append(n.Children, c)
}

// take counts one up in *n and says whether that is still within the limit.
func (w *walk) take(n *int, limit int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	*n++
	return *n <= limit
}

// void asks what a term asks, to find out whether there is anything.
func (w *walk) void(t Term, domain string) {
	if !record.IsName(domain) {
		w.noteVoid(t.Text)
		return
	}
	types := []uint16{dns.TypeA}
	switch t.Name {
	case "mx":
		types = []uint16{dns.TypeMX}
	case "a":
		types = []uint16{dns.TypeA, dns.TypeAAAA}
	}
	answers := make([]dnsq.Answer, len(types))
	var both sync.WaitGroup
	for i, rrtype := range types {
		both.Go(func() { answers[i] = w.client.Query(w.ctx, domain, rrtype) })
	}
	both.Wait()
	for _, a := range answers {
		if a.Status == dnsq.Found && t.Name == "mx" && len(a.Records) > MaxMX {
			w.note(&w.tree.ManyMX, t.Text)
		}
		if a.Status == dnsq.Found || a.Status == dnsq.Failed {
			return // there is something, or it cannot be told
		}
	}
	w.noteVoid(t.Text)
}

// noteVoid counts a query that found nothing. Equal terms count each: in
// another record an "a" is about another name, and twice in one it is two
// queries.
func (w *walk) noteVoid(term string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tree.Void = append(w.tree.Void, term)
}

// count adds up the look-ups of n and what is below it.
func (w *walk) count(n *Node) {
	switch n.Problem {
	case Failed, Macro, TooMany:
		w.tree.AtLeast = true
	}
	if n.Record == nil {
		return
	}
	for _, t := range n.Record.Reached() {
		if t.Queries() {
			n.Lookups++
		}
	}
	if n.Record.Redirect != nil && n.Record.All() == nil {
		n.Lookups++
	}
	for _, c := range n.Children {
		w.count(c)
		n.Lookups += c.Lookups
	}
}

// Queries says whether the term counts towards MaxLookups: include, a, mx,
// ptr, exists and redirect do (RFC 7208, section 4.6.4).
func (t Term) Queries() bool {
	switch t.Name {
	case "include", "a", "mx", "ptr", "exists", "redirect":
		return true
	}
	return false
}

// Follows says whether the term leads to another SPF record.
func (t Term) Follows() bool { return t.Name == "include" || t.Name == "redirect" }

// All returns the nodes of the tree, depth first.
func (t *Tree) All() []*Node {
	var all []*Node
	var add func(*Node)
	add = func(n *Node) {
		all = append(all, n)
		for _, c := range n.Children {
			add(c)
		}
	}
	add(t.Root)
	return all
}

// Default returns the qualifier with which the record ends for those that no
// mechanism names: that of all, through redirect= where it counts. It is '?'
// where there is none (RFC 7208, section 4.7), and 0 where it cannot be told.
func (t *Tree) Default() byte { return t.Root.end() }

func (n *Node) end() byte {
	if n.Record == nil {
		return 0
	}
	if all := n.Record.All(); all != nil {
		return all.Qualifier
	}
	if n.Record.Redirect == nil {
		return '?'
	}
	if c := n.via(n.Record.Redirect.Text); c != nil {
		return c.end()
	}
	return 0
}

// NamesSenders says whether the domain lets anybody send. Where that cannot be
// read, because there are several records or a broken one, a term that would
// let somebody send tells what was meant; without one it is not known.
func (t *Tree) NamesSenders() (names, known bool) { return t.Root.namesSenders() }

func (n *Node) namesSenders() (names, known bool) {
	switch {
	case n.Problem == Failed:
		return false, false
	case n.Record == nil:
		names = slices.ContainsFunc(n.Texts, meansSenders)
		return names, names || n.Problem != Multiple && n.Problem != Invalid
	}
	for _, term := range n.Record.Reached() {
		switch term.Qualifier {
		case 0, '-': // a modifier, or those who may not send
		case '+':
			return true, true
		default:
			if term.Name != "all" {
				return true, true
			}
		}
	}
	if n.Record.Redirect == nil || n.Record.All() != nil {
		return false, true
	}
	if c := n.via(n.Record.Redirect.Text); c != nil && (c.Record != nil || c.Problem == Failed) {
		return c.namesSenders()
	}
	return true, true // who sends was to be told there
}

// meansSenders says whether a record that need not be right has a term that
// would let somebody send.
func meansSenders(txt string) bool {
	for _, text := range strings.Fields(txt)[1:] {
		name := strings.TrimLeft(text, "+~?")
		if i := strings.IndexAny(name, ":/="); i >= 0 {
			name = name[:i]
		}
		switch strings.ToLower(name) {
		case "include", "a", "mx", "ptr", "ip4", "ip6", "exists", "redirect":
			return true
		}
	}
	return false
}

// AllowsAll returns the term that lets every sender pass, or "": +all at the
// end, in a record that is included, or a network that is (half) the internet.
func (t *Tree) AllowsAll() string { return t.Root.allowsAll() }

func (n *Node) allowsAll() string {
	if n.Record == nil {
		return ""
	}
	for _, term := range n.Record.Reached() {
		switch {
		case term.Qualifier != '+':
		case term.Name == "all", term.Network.IsValid() && term.Network.Bits() <= 1:
			return term.Text
		case term.Name == "include":
			if c := n.via(term.Text); c != nil && c.allowsAll() != "" {
				return term.Text
			}
		}
	}
	if n.Record.Redirect != nil && n.Record.All() == nil {
		if c := n.via(n.Record.Redirect.Text); c != nil && c.allowsAll() != "" {
			return n.Record.Redirect.Text
		}
	}
	return ""
}

// via returns the child that the term led to.
func (n *Node) via(term string) *Node {
	for _, c := range n.Children {
		if c.Via == term {
			return c
		}
	}
	return nil
}

// Wide returns a term of the root's own record that allows a network of more
// than a million IPv4 addresses, or larger than a provider's whole IPv6 block,
// or "".
func (t *Tree) Wide() string {
	if t.Root.Record == nil {
		return ""
	}
	for _, term := range t.Root.Record.Reached() {
		if n := term.Network; n.IsValid() && term.Qualifier == '+' && (n.Addr().Is4() && n.Bits() < 12 || n.Addr().Is6() && n.Bits() < 20) {
			return term.Text
		}
	}
	return ""
}
