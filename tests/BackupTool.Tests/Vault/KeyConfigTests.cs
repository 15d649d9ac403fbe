using System.Text;
using System.Text.Json;
using BackupTool.Vault;

namespace BackupTool.Tests.Vault;

public sealed class KeyConfigTests
{
    private static readonly KeyConfig Quick = new() { MemoryKiB = 8 * 1024, Passes = 2 };

    [Fact]
    public void The_same_passphrase_opens_the_same_keys()
    {
        var (config, keys) = KeyConfig.Create("Grüße, 世界", Quick);
        using (keys)
        {
            using var opened = KeyConfig.Read(config.Write()).Open("Grüße, 世界");
            Assert.Equal(keys.Owner.PublicKey, opened.Owner.PublicKey);
            Assert.Equal(keys.Sealing, opened.Sealing);
            Assert.Equal(keys.Name([1, 2, 3]), opened.Name([1, 2, 3]));
        }
    }

    [Fact]
    public void Another_passphrase_or_a_changed_configuration_opens_nothing()
    {
        var (config, keys) = KeyConfig.Create("right", Quick);
        keys.Dispose();
        Assert.Equal(ExitCode.WrongPassphrase, Assert.Throws<BackupException>(() => config.Open("Right")).Code);
        Assert.Equal(ExitCode.WrongPassphrase, Assert.Throws<BackupException>(() => (config with { Replicas = 1 }).Open("right")).Code);
        Assert.Equal(ExitCode.WrongPassphrase, Assert.Throws<BackupException>(() => (config with { Passes = 1 }).Open("right")).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"version":1,"salt":"AAAA","master":"AAAA"}""")]
    public void What_is_no_configuration_is_refused(string content) =>
        Assert.Equal(ExitCode.NoRepository, Assert.Throws<BackupException>(() => KeyConfig.Read(Encoding.UTF8.GetBytes(content))).Code);

    [Fact]
    public void A_configuration_that_asks_for_too_much_is_refused_before_it_is_tried()
    {
        var sound = new KeyConfig { Salt = new byte[16], Master = new byte[60] };
        Assert.NotNull(KeyConfig.Read(sound.Write()));
        Assert.All(
            (KeyConfig[])[sound with { MemoryKiB = int.MaxValue }, sound with { MemoryKiB = 1 }, sound with { Passes = 1000 }, sound with { Lanes = 0 }, sound with { Replicas = 65 }, sound with { Version = 2 }],
            config => Assert.Throws<BackupException>(() => KeyConfig.Read(config.Write())));
    }

    [Fact]
    public void Nothing_of_the_keys_stands_in_the_configuration()
    {
        var (config, keys) = KeyConfig.Create("secret", Quick);
        using (keys)
        {
            using var json = JsonDocument.Parse(config.Write());
            Assert.Equal(["version", "memoryKiB", "passes", "lanes", "replicas", "salt", "master"], json.RootElement.EnumerateObject().Select(property => property.Name));
        }
    }
}
