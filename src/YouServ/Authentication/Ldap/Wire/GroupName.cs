using System.Text;

namespace P2P.YouServ.Ldap;

/// <summary>Reads what a group is called.</summary>
internal static class GroupName
{
    /// <summary>How many characters it may have; a longer one does not count.</summary>
    private const int LengthMax = 256;

    /// <summary>Gives the form in which groups are compared; null for what can't be one.</summary>
    public static string? Of(string commonName)
    {
        var name = commonName.Trim().ToLowerInvariant();
        return name.Length is > 0 and <= LengthMax && !name.Any(char.IsControl) ? name : null;
    }

    /// <summary>Reads it from the name of its entry, such as <c>cn=Staff\, all,ou=groups,dc=example</c> (RFC 4514).</summary>
    /// <returns>Null, if that does not begin with a cn.</returns>
    public static string? OfEntry(string dn)
    {
        var equals = dn.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0 || dn[..equals].Trim().ToLowerInvariant() is not ("cn" or "2.5.4.3"))
        {
            return null;
        }

        var value = dn.AsSpan(equals + 1).TrimStart();
        var bytes = new List<byte>();
        for (var i = 0; i < value.Length && value[i] is not (',' or '+');)
        {
            var length = 1;
            if (value[i] == '\\' && value.Length - i > 2 && char.IsAsciiHexDigit(value[i + 1]) && char.IsAsciiHexDigit(value[i + 2]))
            {
                bytes.AddRange(Convert.FromHexString(value.Slice(i + 1, 2)));
                length = 3;
            }
            else
            {
                i += value[i] == '\\' ? 1 : 0;
                length = value.Length - i > 1 && char.IsSurrogatePair(value[i], value[i + 1]) ? 2 : 1;
                bytes.AddRange(Encoding.UTF8.GetBytes(value.Slice(i, Math.Min(length, value.Length - i)).ToArray()));
            }

            i += length;
        }

        // §2.4: a value behind # is in another encoding.
        return value.StartsWith("#", StringComparison.Ordinal) ? null : Of(Encoding.UTF8.GetString([.. bytes]));
    }
}
