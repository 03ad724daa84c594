# Checks whether a site supports TOTP. Needs Ruby 2.7 or newer and no gems.
require "json"
require "net/http"

uri = URI("https://api.2fa.directory/v4/all.json")
domain = ARGV.fetch(0, "example.com")

# Long-running programs should keep the result for at least an hour.
response = Net::HTTP.get_response(uri)
abort "cannot get #{uri}: HTTP #{response.code}" unless response.is_a?(Net::HTTPOK)
sites = JSON.parse(response.body)

if !sites.key?(domain)
  puts "#{domain} is not listed"
elsif sites[domain].fetch("methods", []).include?("totp")
  puts "#{domain} supports TOTP"
else
  puts "#{domain} does not support TOTP"
end
