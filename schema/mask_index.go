package schema

import "slices"

// wordIndex finds credentials in texts. A file can hold thousands of them and lead to
// thousands of findings, so that not every one can be looked for in every message.
type wordIndex map[[minWord]byte]*wordBucket

// wordBucket holds the words that begin in one way.
type wordBucket struct {
	words   map[string]bool
	lengths []int // that they have, each once
}

// newWordIndex returns an index of words, each of at least minWord bytes.
func newWordIndex(words [][]byte) wordIndex {
	index := wordIndex{}
	for _, word := range words {
		begin := [minWord]byte(word)
		b := index[begin]
		if b == nil {
			b = &wordBucket{words: map[string]bool{}}
			index[begin] = b
		}
		b.words[string(word)] = true
		if !slices.Contains(b.lengths, len(word)) {
			b.lengths = append(b.lengths, len(word))
		}
	}
	return index
}

// find returns where words stand in text, by where they begin; only the first place if
// first is set. They may overlap.
func (x wordIndex) find(text []byte, first bool) []stretch {
	var found []stretch
	if len(x) == 0 {
		return nil
	}
	for at := 0; at+minWord <= len(text); at++ {
		b := x[[minWord]byte(text[at:])]
		if b == nil {
			continue
		}
		for _, n := range b.lengths {
			if at+n <= len(text) && b.words[string(text[at:at+n])] {
				if found = append(found, stretch{at, at + n}); first {
					return found
				}
			}
		}
	}
	return found
}
