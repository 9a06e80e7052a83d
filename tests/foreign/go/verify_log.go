// verify_log DIR VKEY checks a static tlog-tiles folder with golang.org/x/mod/sumdb alone: VKEY signed
// DIR/checkpoint, and the entries hash to every tile and to the root that it names.
// Exit code 0: verified, the checkpoint on stdout. 1: refused, the reason on stderr.
package main

import (
	"encoding/binary"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"log"
	"os"
	"strings"
)

func require(holds bool, otherwise any) {
	if !holds {
		log.Fatalln("refused:", otherwise)
	}
}

func must[T any](value T, err error) T {
	require(err == nil, err)
	return value
}

func main() {
	require(len(os.Args) == 3, "usage: verify_log DIR VKEY")
	folder, verifier := os.Args[1]+"/", must(note.NewVerifier(os.Args[2]))
	checkpoint := must(note.Open(must(os.ReadFile(folder+"checkpoint")), note.VerifierList(verifier)))
	origin, sizeAndRoot, _ := strings.Cut(checkpoint.Text, "\n")
	require(origin == verifier.Name(), "the key is of another log than "+origin)
	tree := must(tlog.ParseTree([]byte("go.sum database tree\n" + sizeAndRoot)))
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) (hashes []tlog.Hash, err error) {
		for _, index := range indexes {
			hashes = append(hashes, stored[index])
		}
		return hashes, nil
	})
	for _, tile := range tlog.NewTiles(8, 0, tree.N) { // level 0 comes first
		if tile.W < 256 && int64(tile.W) != tree.N>>(8*tile.L)&255 {
			continue // the partial tile of a smaller tree
		}
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		if tile.L == 0 {
			bundle := must(os.ReadFile(folder + strings.Replace(path, "tile/0/", "tile/entries/", 1)))
			for i := 0; i < tile.W; i++ {
				require(len(bundle) > 1 && len(bundle) > 1+int(binary.BigEndian.Uint16(bundle)), path+": cut short")
				end := 2 + int(binary.BigEndian.Uint16(bundle))
				stored = append(stored, must(tlog.StoredHashes(tile.N*256+int64(i), bundle[2:end], reader))...)
				bundle = bundle[end:]
			}
			require(len(bundle) == 0, path+": bytes after the last entry")
		}
		expected, found := must(tlog.ReadTileData(tile, reader)), must(os.ReadFile(folder+path))
		require(string(expected) == string(found), path+": not the hashes of the entries")
	}
	require(must(tlog.TreeHash(tree.N, reader)) == tree.Hash, "the entries do not hash to the signed root")
	os.Stdout.WriteString(checkpoint.Text)
}
