using System.Security.Cryptography;
using System.Text;
using P2P.YouServ;

namespace Architecture.Tests.Snippets.Cookbook;

public sealed class SeamRecipesTests
{
    private static readonly byte[] Salt = [1, 2, 3, 4, 5, 6, 7, 8];

    [Fact]
    public async Task People_of_the_list_sign_in_with_their_password_only()
    {
        var hash = Rfc2898DeriveBytes.Pbkdf2("open sesame", Salt, StaffList.Iterations, HashAlgorithmName.SHA256, 32);
        var list = new StaffList(new Dictionary<string, StaffList.Person> { ["joe@example.org"] = new("Joe", ["staff"], Salt, hash) });
        Assert.IsType<AuthenticationResult.Accepted>(await list.AuthenticateAsync("joe@example.org", "open sesame"));
        Assert.IsType<AuthenticationResult.WrongPassword>(await list.AuthenticateAsync("joe@example.org", "open says me"));
        Assert.IsType<AuthenticationResult.UnknownUser>(await list.AuthenticateAsync("eve@example.org", "open sesame"));
    }

    [Fact]
    public async Task Subtitles_are_read_without_their_times_and_cut_at_the_limit()
    {
        var film = Encoding.UTF8.GetBytes("{1}{20}Grüße,\n{25}{40}Here's looking at you, kid.\n");
        var reader = new SubtitleReader();
        Assert.True(reader.Reads("Casablanca.SUB"));
        using var content = new MemoryStream(film);
        var text = await reader.ExtractAsync(content, "Casablanca.sub", new());
        Assert.Equal("Grüße, Here's looking at you, kid.", text.Text.ReplaceLineEndings(" ").Trim());
        content.Position = 0;
        var cut = await reader.ExtractAsync(content, "Casablanca.sub", new() { TextLengthMax = 5 });
        Assert.Equal(("Grüße", true), (cut.Text, cut.IsCut));
        await Assert.ThrowsAsync<InvalidDataException>(async () => await reader.ExtractAsync(content, "Casablanca.sub", new() { LengthMax = 5 }));
    }
}
