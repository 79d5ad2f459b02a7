package survey

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// Shard is one of several equal parts of a list. Which part an input is in
// depends on its text alone, so that every machine says the same. The zero
// Shard is the whole list.
type Shard struct {
	Number, Of int // part Number, from 1, of Of
}

// maxShards is how many parts a list may have.
const maxShards = 10000

// UnmarshalText reads "2/8".
func (s *Shard) UnmarshalText(text []byte) error {
	var n, of int
	var rest string
	if k, _ := fmt.Sscanf(string(text), "%d/%d%s", &n, &of, &rest); k != 2 || n < 1 || n > of || of > maxShards {
		return fmt.Errorf("%q is no part of a list: give for example 2/8, the second of eight parts", text)
	}
	*s = Shard{n, of}
	return nil
}

// String returns the text that [Shard.UnmarshalText] reads.
func (s Shard) String() string {
	if s.Of == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.Number, s.Of)
}

// Has says whether the input is in this part.
func (s Shard) Has(input string) bool {
	if s.Of <= 1 {
		return true
	}
	sum := sha256.Sum256([]byte(input))
	return binary.BigEndian.Uint64(sum[:])%uint64(s.Of) == uint64(s.Number-1)
}

// Take returns the items of this part, in their order.
func (s Shard) Take(items []Item) []Item {
	if s.Of <= 1 {
		return items
	}
	var part []Item
	for _, item := range items {
		if s.Has(item.Input) {
			part = append(part, item)
		}
	}
	return part
}
