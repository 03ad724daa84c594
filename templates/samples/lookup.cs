// Checks whether a site supports TOTP. Needs no packages. Runs on .NET 6, .NET Framework 4.7 and Mono:
// mcs -r:System.Net.Http -r:System.Runtime.Serialization lookup.cs
using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Http;
using System.Runtime.Serialization;
using System.Runtime.Serialization.Json;
using System.Threading.Tasks;

[DataContract]
class Site
{
    [DataMember(Name = "methods")]
    public List<string> Methods { get; set; }
}

static class Program
{
    static void Main(string[] args)
    {
        var domain = (args.Length > 0 ? args[0] : "example.com").ToLowerInvariant().TrimEnd('.');
        var sites = Download("https://api.2fa.directory/v4/all.json").GetAwaiter().GetResult();
        // If a subdomain is not listed, its parent domain decides.
        var found = domain;
        while (!sites.ContainsKey(found) && found.Contains("."))
            found = found.Substring(found.IndexOf('.') + 1);
        if (!sites.TryGetValue(found, out var site))
            Console.WriteLine($"{domain} is not listed");
        else if (site.Methods != null && site.Methods.Contains("totp"))
            Console.WriteLine($"{domain} supports TOTP");
        else
            Console.WriteLine($"{domain} does not support TOTP");
    }

    // Long-running programs should keep the result for at least an hour.
    static async Task<Dictionary<string, Site>> Download(string url)
    {
        var settings = new DataContractJsonSerializerSettings { UseSimpleDictionaryFormat = true };
        var json = new DataContractJsonSerializer(typeof(Dictionary<string, Site>), settings);
        var handler = new HttpClientHandler { AutomaticDecompression = DecompressionMethods.GZip };
        using (var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(30) })
        using (var stream = await client.GetStreamAsync(url)) // Throws unless the status is 2xx.
            return (Dictionary<string, Site>)json.ReadObject(stream);
    }
}
