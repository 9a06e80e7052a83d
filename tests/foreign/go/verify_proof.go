// verify_proof FILE VKEY ENTRY checks a c2sp.org/tlog-proof@v1 file with golang.org/x/mod/sumdb alone:
// VKEY signed its checkpoint, and ENTRY (in hex) is in that tree where the file says.
// As the specification has it, the extra line and signatures by other keys are not looked at.
// Exit code 0: verified, the checkpoint on stdout. 1: refused, the reason on stderr.
package main

import (
	"encoding/hex"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"log"
	"os"
	"strconv"
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
	require(len(os.Args) == 4, "usage: verify_proof FILE VKEY ENTRY")
	verifier, entry := must(note.NewVerifier(os.Args[2])), must(hex.DecodeString(os.Args[3]))
	proof, signed, _ := strings.Cut(string(must(os.ReadFile(os.Args[1]))), "\n\n")
	lines := strings.Split(proof, "\n")
	require(lines[0] == "c2sp.org/tlog-proof@v1", "not a c2sp.org/tlog-proof@v1")
	if lines = lines[1:]; len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	require(len(lines) > 0 && strings.HasPrefix(lines[0], "index "), "the index line is missing")
	index := must(strconv.ParseInt(lines[0][len("index "):], 10, 64))
	var hashes tlog.RecordProof
	for _, line := range lines[1:] {
		hashes = append(hashes, must(tlog.ParseHash(line)))
	}
	checkpoint := must(note.Open([]byte(signed), note.VerifierList(verifier)))
	origin, sizeAndRoot, _ := strings.Cut(checkpoint.Text, "\n")
	require(origin == verifier.Name(), "the key is of another log than "+origin)
	tree := must(tlog.ParseTree([]byte("go.sum database tree\n" + sizeAndRoot)))
	err := tlog.CheckRecord(hashes, tree.N, tree.Hash, index, tlog.RecordHash(entry))
	require(err == nil, err)
	os.Stdout.WriteString(checkpoint.Text)
}
