using System.Globalization;
using System.Text;

namespace P2P.YouServ.Protocol;

/// <summary>Makes names of sites from ids of users: of joe@example.org first <c>joe</c>, and if somebody has that, <c>joe-2</c>, <c>joe-3</c>, …</summary>
internal static class SiteNaming
{
    private const string Nameless = "site";

    /// <summary>Names by which zones and people know other things.</summary>
    private static readonly string[] Reserved =
    [
        "admin", "administrator", "api", "autoconfig", "autodiscover", "coordinator", "dns", "ftp", "hostmaster", "imap", "localhost", "mail", "ns", "ns1", "ns2",
        "ns3", "ns4", "pop", "postmaster", "proxy", "registrar", "root", "search", "smtp", "support", "webmaster", "wpad", "www", "youserv",
    ];

    /// <param name="user">The user.</param>
    /// <param name="reserved">What the operator keeps from sites beside what is kept from them anyway.</param>
    public static IEnumerable<SiteName> Candidates(UserId user, IEnumerable<SiteName> reserved) => All(user).Where(name => !reserved.Contains(name));

    private static IEnumerable<SiteName> All(UserId user)
    {
        var stem = Stem(user);
        if (!Reserved.Contains(stem))
        {
            yield return SiteName.Parse(stem);
        }

        for (var number = 2; ; number++)
        {
            var suffix = string.Create(CultureInfo.InvariantCulture, $"-{number}");
            yield return SiteName.Parse(stem[..Math.Min(stem.Length, SiteName.LengthMax - suffix.Length)].TrimEnd('-') + suffix);
        }
    }

    private static string Stem(UserId user)
    {
        var name = user.Value.Split('@')[0];
        var stem = new StringBuilder();
        foreach (var letter in name)
        {
            if (char.IsAsciiLetterOrDigit(letter))
            {
                stem.Append(char.ToLowerInvariant(letter));
            }
            else if (LatinLetters.Fold(letter) is { } folded)
            {
                stem.Append(folded);
            }
            else if (stem.Length > 0 && stem[^1] != '-')
            {
                stem.Append('-');
            }
        }

        var label = stem.ToString();
        label = label[..Math.Min(label.Length, SiteName.LengthMax)].Trim('-');

        // A label with hyphens in third and fourth place says that it is encoded (RFC 5891 §4.2.3.1), which this is not.
        label = label.Length > 3 && label[2] == '-' && label[3] == '-' ? label[..2] + label[3..] : label;
        return label.Length == 0 ? Nameless : label;
    }
}
