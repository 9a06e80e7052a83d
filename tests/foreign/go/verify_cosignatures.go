// verify_cosignatures VKEY ... <CHECKPOINT checks with golang.org/x/mod/sumdb/note that every cosigner of
// the list signed the checkpoint. The note package leaves a key's algorithm to its callers; this one is
// Ed25519 of c2sp.org/tlog-cosignature, number 4.
// Exit code 0: verified, the checkpoint on stdout. 1: refused, the reason on stderr.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"golang.org/x/mod/sumdb/note"
	"io"
	"log"
	"os"
	"strings"
)

type cosigner struct {
	name string
	key  []byte // the algorithm's number, then the public key
}

func (c cosigner) Name() string { return c.name }

func (c cosigner) KeyHash() uint32 {
	hash := sha256.Sum256(append([]byte(c.name+"\n"), c.key...))
	return binary.BigEndian.Uint32(hash[:])
}

func (c cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	stamp := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(signature))
	return ed25519.Verify(c.key[1:], append([]byte(stamp), text...), signature[8:])
}

func main() {
	var cosigners []note.Verifier
	for _, vkey := range os.Args[1:] {
		parts := append(strings.SplitN(vkey, "+", 3), "", "")
		key, err := base64.StdEncoding.DecodeString(parts[2])
		c := cosigner{parts[0], key}
		if err != nil || len(key) != 33 || key[0] != 4 || fmt.Sprintf("%08x", c.KeyHash()) != parts[1] {
			log.Fatalln("refused: not a cosigner's key:", vkey)
		}
		cosigners = append(cosigners, c)
	}
	signed, _ := io.ReadAll(os.Stdin)
	checkpoint, err := note.Open(signed, note.VerifierList(cosigners...))
	if err != nil || len(checkpoint.Sigs) != len(cosigners) {
		log.Fatalln("refused: a cosignature is missing or wrong:", err)
	}
	os.Stdout.WriteString(checkpoint.Text)
}
