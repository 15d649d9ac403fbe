using QuickStart.Input;
using QuickStart.Search;
using QuickStart.Sites;

namespace QuickStart.Tests.Search;

/// <summary>The word that is searched for stands in few documents, and it is known in which.</summary>
public sealed class WordChoiceTests
{
    [Fact]
    public void A_word_of_few_documents_at_several_sites_is_preferred()
    {
        var choice = WordChoice.Of([Of("alice", "a.txt", "common orchard words"), Of("bob", "b.txt", "common ORCHARD"), Of("carol", "c.txt", "common solitary")]);
        Assert.Equal(("orchard", 2), (choice.Word, choice.Documents.Count));
        Assert.Equal(["a.txt", "b.txt"], choice.Documents.Select(document => document.Path));
    }

    [Fact]
    public void A_word_that_names_of_files_have_is_none_since_those_are_found_as_well()
    {
        var choice = WordChoice.Of([Of("alice", "plums.txt", "plums and pears"), Of("bob", "b.txt", "plums")]);
        Assert.Equal("pears", choice.Word);
    }

    [Fact]
    public void Words_with_accents_are_what_they_are_without()
    {
        var choice = WordChoice.Of([Of("alice", "a.txt", "naïveté"), Of("bob", "b.txt", "NAIVETE"), Of("carol", "c.txt", "nothing")]);
        Assert.Equal(("naivete", 2), (choice.Word, choice.Documents.Count));
    }

    [Fact]
    public void Where_the_folder_has_no_words_those_of_the_welcome_do()
    {
        var choice = WordChoice.Of([new("alice", "welcome.txt", null, "Somebody is here"), Of("bob", "b.txt", "a b 12345 文件夹")]);
        Assert.Equal("somebody", choice.Word);
    }

    [Theory]
    [InlineData("don't _stop_ x1", "don", "t", "stop", "x1")]
    [InlineData("soft\u00ADhyphen", "soft\u00ADhyphen")]
    [InlineData("über 文件 end", "über", "文件", "end")]
    [InlineData("\ud800 lone", "lone")]
    [InlineData(" … ")]
    public void Words_are_letters_digits_and_marks(string text, params string[] words) => Assert.Equal(words, PlainWords.In(text));

    private static Document Of(string owner, string path, string text) => new(owner, path, new InputFile(path, path, text.Length), text);
}
