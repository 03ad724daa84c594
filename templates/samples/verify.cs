// Downloads a file with its signature, verifies it, and only then uses it.
// Needs .NET 7 or newer, gpg and gpgv.
using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

const string Api = "https://api.2fa.directory/";
// The fingerprint of the key that you trust. Keep it here; never download it together with the key.
const string Fingerprint = "0000000000000000000000000000000000000000";

using var sites = JsonDocument.Parse(await Verified("v4/all.json"));
Console.WriteLine($"verified: {sites.RootElement.EnumerateObject().Count()} domains");

// The bytes of a file of the API; an exception unless the pinned key has signed them.
static async Task<byte[]> Verified(string path)
{
    var folder = Directory.CreateTempSubdirectory().FullName;
    try
    {
        // Any status but 2xx throws.
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        async Task<byte[]> Download(string path, string name)
        {
            var bytes = await client.GetByteArrayAsync(Api + path);
            await File.WriteAllBytesAsync(Path.Combine(folder, name), bytes);
            return bytes;
        }
        await Download("key.asc", "key.asc");
        await Download(path + ".sig", "signature");
        var data = await Download(path, "data");

        // The key ring holds this one key, whatever else is in the download.
        await Run(folder, "gpg", "--homedir", ".", "--batch", "--import", "key.asc");
        await Run(folder, "gpg", "--homedir", ".", "--batch", "--output", "pinned.gpg", "--export", Fingerprint);
        // The exit code accepts a revoked key, and refuses a second signature by another; the status lines say more.
        var status = await Run(folder, "gpgv", "--status-fd", "1", "--keyring", "./pinned.gpg", "signature", "data");
        bool Says(string pattern) => Regex.IsMatch(status, @"^\[GNUPG:\] " + pattern, RegexOptions.Multiline);
        var isGood = Says("GOODSIG ") && Says($"VALIDSIG .* {Fingerprint}\r?$");
        if (!isGood || Says("(BAD|EXP|EXPKEY|REVKEY)SIG "))
            throw new InvalidDataException("the signature is not good");
        return data;
    }
    finally
    {
        Directory.Delete(folder, recursive: true);
    }
}

static async Task<string> Run(string folder, string program, params string[] arguments)
{
    var start = new ProcessStartInfo(program) { WorkingDirectory = folder, RedirectStandardOutput = true };
    foreach (var argument in arguments)
        start.ArgumentList.Add(argument);
    using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} does not start");
    var output = await process.StandardOutput.ReadToEndAsync();
    await process.WaitForExitAsync();
    if (process.ExitCode != 0 && program != "gpgv")
        throw new InvalidDataException($"{program} ended with code {process.ExitCode}");
    return output;
}
