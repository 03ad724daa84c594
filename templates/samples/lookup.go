// Checks whether a site supports TOTP. Needs no packages.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"time"
)

type site struct {
	Methods []string `json:"methods"`
}

// download gets all sites by domain. Long-running programs should keep them for at least an hour.
func download(url string) (map[string]site, error) {
	client := http.Client{Timeout: 30 * time.Second}
	response, err := client.Get(url)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("cannot get %s: %s", url, response.Status)
	}
	var sites map[string]site
	err = json.NewDecoder(response.Body).Decode(&sites)
	return sites, err
}

func main() {
	domain := "example.com"
	if len(os.Args) > 1 {
		domain = strings.TrimSuffix(strings.ToLower(os.Args[1]), ".")
	}
	sites, err := download("https://api.2fa.directory/v4/all.json")
	if err != nil {
		log.Fatal(err)
	}
	// If a subdomain is not listed, its parent domain decides.
	found, listed := sites[domain]
	for parent := domain; !listed; found, listed = sites[parent] {
		_, rest, isSubdomain := strings.Cut(parent, ".")
		if !isSubdomain {
			break
		}
		parent = rest
	}
	if !listed {
		fmt.Println(domain, "is not listed")
		return
	}
	for _, method := range found.Methods {
		if method == "totp" {
			fmt.Println(domain, "supports TOTP")
			return
		}
	}
	fmt.Println(domain, "does not support TOTP")
}
