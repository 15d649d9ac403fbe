using Game.Messages;

namespace Game.Tests.Codec;

/// <summary>What people write is one line that can be shown.</summary>
public sealed class PlainTextTests
{
    [Theory]
    [InlineData("  Ada \t\n Lovelace ", "Ada Lovelace")]
    [InlineData("\u202Egnp.exe\u202C", "gnp.exe")]
    [InlineData("\u0007bell\u0000\u001b[31m", "bell[31m")]
    [InlineData("zero\u200Bwidth\uFEFF\u2066x", "zerowidthx")]
    [InlineData("\uE000\uDBFF\uFFFD", "")]
    [InlineData("שלום مرحبا", "שלום مرحبا")]
    public void What_is_invisible_or_turns_directions_is_left_out(string written, string shown) => Assert.Equal(shown, PlainText.Said(written));

    [Fact]
    public void A_letter_does_not_cover_the_lines_around_it() =>
        Assert.Equal("a\u0301\u0301\u0301\u0301b", PlainText.Said("a" + new string('\u0301', 100) + "b"));

    [Fact]
    public void Nothing_is_longer_than_there_is_room_and_no_character_is_cut_in_two()
    {
        Assert.Equal(new string('x', PlainText.TextLengthMax), PlainText.Said(new string('x', 10_000)));
        Assert.Equal("y" + string.Concat(Enumerable.Repeat("🚀", (PlainText.NameLengthMax - 1) / 2)), PlainText.Name("y" + string.Concat(Enumerable.Repeat("🚀", 50))));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \u200B ")]
    public void Who_has_no_name_is_called_so(string name) => Assert.Equal("nameless", PlainText.Name(name));
}
