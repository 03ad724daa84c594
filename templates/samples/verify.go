// Downloads a file with its signature, verifies it, and only then uses it.
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
)

const api = "https://api.2fa.directory/"

// The fingerprint of the key that you trust. Keep it here; never download it together with the key.
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

// verified returns the bytes of a file of the API, or an error unless the pinned key has signed them.
func verified(path string) ([]byte, error) {
	var files [3][]byte
	for i, path := range []string{"key.asc", path, path + ".sig"} {
		var err error
		if files[i], err = download(path); err != nil {
			return nil, err
		}
	}
	key, data, signature := files[0], files[1], files[2]
	keys, err := openpgp.ReadArmoredKeyRing(bytes.NewReader(key))
	if err != nil {
		return nil, err
	}
	if len(keys) != 1 || fmt.Sprintf("%X", keys[0].PrimaryKey.Fingerprint) != fingerprint {
		return nil, errors.New("this is another key")
	}
	if keys[0].Revoked(time.Now()) {
		return nil, errors.New("the key is revoked")
	}
	_, err = openpgp.CheckDetachedSignature(keys, bytes.NewReader(data), bytes.NewReader(signature), nil)
	return data, err
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
