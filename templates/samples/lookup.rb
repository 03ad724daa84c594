# Checks whether a site supports TOTP. Needs Ruby 2.7 or newer and no gems.
require "json"
require "net/http"

uri = URI("https://api.2fa.directory/v4/all.json")
domain = ARGV.fetch(0, "example.com").downcase.chomp(".")

# Long-running programs should keep the result for at least an hour.
response = Net::HTTP.get_response(uri)
abort "cannot get #{uri}: HTTP #{response.code}" unless response.is_a?(Net::HTTPOK)
sites = JSON.parse(response.body)

# If a subdomain is not listed, its parent domain decides.
found = domain
found = found.partition(".").last until sites.key?(found) || !found.include?(".")

if !sites.key?(found)
  puts "#{domain} is not listed"
elsif sites[found].fetch("methods", []).include?("totp")
  puts "#{domain} supports TOTP"
else
  puts "#{domain} does not support TOTP"
end
