#!/usr/bin/env bash
# Simulates an internet for one domain: a name server (nsd) that loads our zone files unchanged, and a web server with TLS
# that serves our folder as the domain and its subdomains `api` and `openpgpkey`. Runs a command in it, in separate
# namespaces:
#   unshare --net --mount --pid --fork --kill-child bash internet.sh FOLDER DOMAIN RECORDS COMMAND...
# RECORDS are added to the zone. Prints the command's output, and then `GET PATH` for each request.
set -euo pipefail
folder=$(realpath "$1") domain=$2 records=$3
shift 3
# The path of a socket must be short, so this is not below the build folder.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
ip link set lo up

cat >zone <<END
\$ORIGIN $domain.
@ 60 IN SOA ns nobody 1 60 60 60 60
@ 60 IN NS ns
@ 60 IN A 127.0.0.1
ns 60 IN A 127.0.0.1
$records
\$INCLUDE $folder/dns/CERT.zone
\$INCLUDE $folder/dns/OPENPGPKEY.zone
END
cat >nsd.conf <<END
server:
  ip-address: 127.0.0.1
  username: ""
  zonesdir: "$work"
  database: ""
  logfile: "$work/nsd.log"
  pidfile: "$work/nsd.pid"
  xfrdfile: "$work/nsd.xfr"
  xfrdir: "$work"
  zonelistfile: "$work/nsd.list"
remote-control:
  control-enable: no
zone:
  name: $domain
  zonefile: zone
END
nsd-checkzone "$domain" zone >&2
nsd -c nsd.conf

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout tls.key -out tls.crt -days 2 \
  -subj "/CN=$domain" -addext "subjectAltName=DNS:$domain,DNS:openpgpkey.$domain,DNS:api.$domain" 2>/dev/null
cat >serve.py <<'END'
import functools, http.server, ssl, sys
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[1])
server = http.server.ThreadingHTTPServer(("127.0.0.1", 443), handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("tls.crt", "tls.key")
server.socket = context.wrap_socket(server.socket, server_side=True)
open("ready", "w").close()
server.serve_forever()
END
python3 serve.py "$folder" 2>requests &
for _ in $(seq 100); do [ ! -e ready ] || break; sleep 0.1; done

echo 'nameserver 127.0.0.1' >resolv.conf
echo '127.0.0.1 localhost' >hosts
mount --bind resolv.conf /etc/resolv.conf
mount --bind hosts /etc/hosts
mount --bind tls.crt /etc/ssl/certs/ca-certificates.crt

export TMPDIR=$work
"$@"
sed -n 's/.*"GET \([^ ?]*\).*/GET \1/p' requests
