using P2P.YouServ.Dns;

namespace YouServ.Tests.Dns;

public sealed class DnsNameTests
{
    [Theory]
    [InlineData("joe.userv.example", "joe.userv.example")]
    [InlineData("JOE.UServ.Example.", "joe.userv.example")]
    [InlineData("_acme-challenge.x-1.example", "_acme-challenge.x-1.example")]
    [InlineData(".", "")]
    public void Names_are_read_without_regard_to_case_or_a_dot_at_the_end(string text, string value)
    {
        Assert.Equal(value, DnsName.Parse(text).Value);
        Assert.Equal(DnsName.Parse(value.Length == 0 ? "." : value), DnsName.Parse(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData(".a")]
    [InlineData("a..b")]
    [InlineData("a b")]
    [InlineData("ü.example")]
    [InlineData("*.example")]
    [InlineData("x\0.example")]
    public void What_is_no_name_is_refused(string text)
    {
        Assert.False(DnsName.TryParse(text, out _));
        Assert.Throws<FormatException>(() => DnsName.Parse(text));
    }

    [Fact]
    public void Labels_have_63_characters_and_names_253_at_most()
    {
        var label = new string('x', 63);
        Assert.True(DnsName.TryParse(label, out _));
        Assert.False(DnsName.TryParse(label + "x", out _));
        var longest = $"{label}.{label}.{label}.{label[..61]}";
        Assert.Equal(DnsName.LengthMax, longest.Length);
        Assert.Equal(255, DnsName.Parse(longest).ToWire().Length);
        Assert.False(DnsName.TryParse(longest + "x", out _));
        Assert.Throws<FormatException>(() => DnsName.Parse(longest).Child("x"));
    }

    [Fact]
    public void A_name_lies_within_those_whose_labels_it_ends_with()
    {
        var joe = DnsName.Parse("joe.userv.example");
        Assert.All((string[])["joe.userv.example", "userv.example", "example", "."], text => Assert.True(joe.IsWithin(DnsName.Parse(text))));
        Assert.All((string[])["x.joe.userv.example", "serv.example", "userv.example.org"], text => Assert.False(joe.IsWithin(DnsName.Parse(text))));
        Assert.Equal(joe, DnsName.Parse("userv.example").Child("Joe"));
        Assert.Equal(DnsName.Parse("userv.example"), joe.Parent);
        Assert.Equal(DnsName.Root, DnsName.Parse("example").Parent);
    }

    [Theory]
    [InlineData("plain", "05706C61696E")]
    [InlineData("two words", "0374776F05776F726473")]
    [InlineData("\"two words\" \"\"", "0974776F20776F72647300")]
    [InlineData("\"\\\"\\\\\\228;\"", "04225CE43B")]
    [InlineData("\\065\\;", "02413B")]
    public void Texts_are_read_as_zone_files_have_them(string text, string bytes) => Assert.Equal(bytes, Convert.ToHexString(TextValue.Parse(text)!));

    [Fact]
    public void What_is_written_is_read_as_it_was()
    {
        var text = string.Concat(Enumerable.Range(0, 120).Select(value => (char)value)) + "ü";
        Assert.Equal([122, .. System.Text.Encoding.UTF8.GetBytes(text)], TextValue.Parse(TextValue.Quote(text))!);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("\"open")]
    [InlineData("\"a\"b")]
    [InlineData("a\"b")]
    [InlineData("\\")]
    [InlineData("\\25")]
    [InlineData("\\256")]
    [InlineData("ü")]
    [InlineData("\"a\nb\"")]
    public void What_is_no_text_is_refused(string text) => Assert.Null(TextValue.Parse(text));

    [Fact]
    public void A_long_text_becomes_several_strings()
    {
        var data = TextValue.Parse(TextValue.Quote(new string('x', 600)))!;
        Assert.Equal((603, 255, 255, 90), (data.Length, data[0], data[256], data[512]));
        Assert.Null(TextValue.Parse(new string('x', 256)));
    }
}
