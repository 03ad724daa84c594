// Says whether a site supports TOTP. Needs .NET 6 or newer and no packages.
using System.Text.Json;

var domain = args.Length > 0 ? args[0] : "example.com";

// Any status but 2xx throws. A long-running program keeps the result for an hour or more.
using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
using var stream = await client.GetStreamAsync("https://api.2fa.directory/v4/all.json");
using var sites = await JsonDocument.ParseAsync(stream);

if (!sites.RootElement.TryGetProperty(domain, out var site))
    Console.WriteLine($"{domain} is not listed");
else if (site.TryGetProperty("methods", out var methods)
    && methods.EnumerateArray().Any(method => method.GetString() == "totp"))
    Console.WriteLine($"{domain} supports TOTP");
else
    Console.WriteLine($"{domain} does not support TOTP");
