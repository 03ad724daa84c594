// Downloads a file and its signature, and uses the file only if the signature is valid.
// Needs `go get github.com/ProtonMail/go-crypto`.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	pgperrors "github.com/ProtonMail/go-crypto/openpgp/errors"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

const api = "https://api.2fa.directory/"

// The fingerprint of the key you trust. Store it here; never download it together with the key.
const fingerprint = "0000000000000000000000000000000000000000"

var client = http.Client{Timeout: 30 * time.Second}

func download(path string) ([]byte, error) {
	response, err := client.Get(api + path)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("cannot get %s%s: %s", api, path, response.Status)
	}
	return io.ReadAll(response.Body)
}

// verified returns a file of the API, or an error unless it is signed by the pinned key.
func verified(path string) ([]byte, error) {
	var files [3][]byte
	for i, path := range []string{"key.asc", path, path + ".sig"} {
		var err error
		if files[i], err = download(path); err != nil {
			return nil, err
		}
	}
	certificates, data, signature := files[0], files[1], files[2]
	keys, err := openpgp.ReadArmoredKeyRing(bytes.NewReader(certificates))
	if err != nil {
		return nil, err
	}
	// The key ring contains only the pinned key, even if the download contains more keys.
	var pinned openpgp.EntityList
	for _, key := range keys {
		if fmt.Sprintf("%X", key.PrimaryKey.Fingerprint) == fingerprint {
			pinned = append(pinned, key)
		}
	}
	if len(pinned) != 1 {
		return nil, errors.New("key.asc does not contain the pinned key")
	}
	key, now := pinned[0], time.Now()
	if key.Revoked(now) || key.PrimaryKey.KeyExpired(key.PrimaryIdentity().SelfSignature, now) {
		return nil, errors.New("the key has expired or was revoked")
	}
	if err := check(pinned, data, signature); err != nil {
		return nil, err
	}
	return data, nil
}

// check returns nil if the data is signed by the pinned key and none of its signatures is bad.
func check(pinned openpgp.EntityList, data, signatures []byte) error {
	result := error(pgperrors.ErrUnknownIssuer)
	packets := packet.NewReader(bytes.NewReader(signatures))
	for {
		next, err := packets.Next()
		if err == io.EOF {
			return result
		}
		if err != nil {
			return err
		}
		// One at a time: the library stops at the first signature from a known key.
		signature, ok := next.(*packet.Signature)
		if !ok {
			return errors.New("this is not a detached signature")
		}
		var one bytes.Buffer
		if err := signature.Serialize(&one); err != nil {
			return err
		}
		_, err = openpgp.CheckDetachedSignature(pinned, bytes.NewReader(data), &one, nil)
		if err == pgperrors.ErrUnknownIssuer {
			continue // Ignores signatures from other keys.
		}
		if err != nil {
			return err
		}
		result = nil
	}
}

func main() {
	data, err := verified("v4/all.json")
	if err != nil {
		log.Fatal("not verified: ", err)
	}
	var sites map[string]json.RawMessage
	if err := json.Unmarshal(data, &sites); err != nil {
		log.Fatal(err)
	}
	fmt.Println("verified:", len(sites), "domains")
}
