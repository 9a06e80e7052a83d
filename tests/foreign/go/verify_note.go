// verify_note VKEY ... <NOTE checks with golang.org/x/mod/sumdb/note that every key of the list signed the note.
// Exit code 0: verified, the text on stdout. 1: refused, the reason on stderr.
package main

import (
	"golang.org/x/mod/sumdb/note"
	"io"
	"log"
	"os"
)

func main() {
	var signers []note.Verifier
	for _, vkey := range os.Args[1:] {
		signer, err := note.NewVerifier(vkey)
		if err != nil {
			log.Fatalln("refused: not a signer's key:", vkey)
		}
		signers = append(signers, signer)
	}
	signed, _ := io.ReadAll(os.Stdin)
	opened, err := note.Open(signed, note.VerifierList(signers...))
	if err != nil || len(opened.Sigs) != len(signers) {
		log.Fatalln("refused: a signature is missing or wrong:", err)
	}
	os.Stdout.WriteString(opened.Text)
}
