using System.Formats.Asn1;
using P2P.YouServ.Ldap;

namespace YouServ.Tests.Ldap;

/// <summary>Filters as text (RFC 4515) and as bytes (RFC 4511 §4.5.1.7).</summary>
public sealed class LdapFilterTests
{
    [Theory]
    [InlineData("(cn={0})", "A3 07 04 02 636E 04 01 78")]
    [InlineData("(cn>={0})", "A5 07 04 02 636E 04 01 78")]
    [InlineData("(cn<={0})", "A6 07 04 02 636E 04 01 78")]
    [InlineData("(cn~={0})", "A8 07 04 02 636E 04 01 78")]
    [InlineData("(cn=a{0}b)", "A3 09 04 02 636E 04 03 617862")]
    [InlineData(@"(cn=\2a{0}\28)", "A3 09 04 02 636E 04 03 2A7828")]
    [InlineData("(cn=ä{0})", "A3 09 04 02 636E 04 03 C3A478")]
    [InlineData("(&(o=*)(!(cn={0})))", "A0 0E 87 01 6F A2 09 A3 07 04 02 636E 04 01 78")]
    [InlineData("(|(&)(cn={0}))", "A1 0B A0 00 A3 07 04 02 636E 04 01 78")]
    [InlineData("(cn={0}*)", "A4 09 04 02 636E 30 03 80 01 78")]
    [InlineData("(cn=*{0})", "A4 09 04 02 636E 30 03 82 01 78")]
    [InlineData("(cn=a*{0}*b)", "A4 0F 04 02 636E 30 09 80 01 61 81 01 78 82 01 62")]
    [InlineData("(cn:=1{0})", "A9 08 82 02 636E 83 02 3178")]
    [InlineData("(cn:dn:2.4:={0})", "A9 0F 81 03 322E34 82 02 636E 83 01 78 84 01 FF")]
    [InlineData("(:2.4:={0})", "A9 08 81 03 322E34 83 01 78")]
    public void A_filter_is_encoded_as_the_standard_says(string text, string bytes) => Assert.Equal(bytes.Replace(" ", "", StringComparison.Ordinal), Encode(text, "x"u8));

    [Fact]
    public void Whatever_takes_the_place_of_a_value_stays_a_value() =>
        Assert.Equal("A3120402636E040C" + Convert.ToHexString("*)(\0\\2a{0}ä"u8), Encode("(cn={0})", "*)(\0\\2a{0}ä"u8));

    [Theory]
    [InlineData("")]
    [InlineData("cn={0}")]
    [InlineData("(cn={0}")]
    [InlineData("(cn={0}))")]
    [InlineData("(cn={0})(o=*)")]
    [InlineData("(cn=joe)")]
    [InlineData("({0}=joe)")]
    [InlineData("(={0})")]
    [InlineData("(cn {0})")]
    [InlineData("(cn=**{0})")]
    [InlineData("(cn>={0}*)")]
    [InlineData(@"(cn={0}\2)")]
    [InlineData(@"(cn={0}\zz)")]
    [InlineData("(!(cn={0})(o=*))")]
    [InlineData("(:={0})")]
    [InlineData("(cn:a:b:={0})")]
    [InlineData("(c n={0})")]
    public void What_is_no_filter_is_refused(string text) => Assert.Throws<FormatException>(() => new LdapFilter(text));

    [Fact]
    public void A_filter_is_nested_no_deeper_than_it_is_long() =>
        Assert.Throws<FormatException>(() => new LdapFilter(string.Concat(Enumerable.Repeat("(!", 2000)) + "(cn={0})" + new string(')', 2000)));

    [Theory]
    [InlineData("cn=Staff,ou=groups,dc=example", "staff")]
    [InlineData("CN = Staff , dc=example", "staff")]
    [InlineData("2.5.4.3=Staff", "staff")]
    [InlineData(@"cn=Night\2C watch,dc=example", "night, watch")]
    [InlineData(@"cn=Night\, watch,dc=example", "night, watch")]
    [InlineData(@"cn=\C3\84rzte,dc=example", "ärzte")]
    [InlineData("cn=Ärzte 🔑+ou=x,dc=example", "ärzte 🔑")]
    [InlineData(@"cn=a\", "a")]
    [InlineData("ou=Staff,cn=example", null)]
    [InlineData("cn=#04024869,dc=example", null)]
    [InlineData("cn=,dc=example", null)]
    [InlineData(@"cn=a\0Ab,dc=example", null)]
    [InlineData("Staff", null)]
    [InlineData("", null)]
    public void A_group_is_called_by_what_its_name_begins_with(string dn, string? name) => Assert.Equal(name, GroupName.OfEntry(dn));

    private static string Encode(string text, ReadOnlySpan<byte> value)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        new LdapFilter(text).Write(writer, value);
        return Convert.ToHexString(writer.Encode());
    }
}
