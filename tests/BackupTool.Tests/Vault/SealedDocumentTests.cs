using BackupTool.Vault;

namespace BackupTool.Tests.Vault;

public sealed class SealedDocumentTests : IDisposable
{
    private readonly Sealer _sealer = new(new byte[32]);

    public void Dispose() => _sealer.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_000_000)]
    public void What_is_written_is_read_by_whoever_has_the_key(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        var document = SealedDocument.Write(_sealer, "index", content);
        using var later = new Sealer(new byte[32]);
        Assert.Equal(content, SealedDocument.Read(later, "index", document));
    }

    [Fact]
    public void No_byte_can_be_changed_or_left_out()
    {
        var document = SealedDocument.Write(_sealer, "index", "some content"u8);
        for (var place = 0; place < document.Length; place++)
        {
            var damaged = document.ToArray();
            damaged[place] ^= 1;
            Assert.Throws<BackupException>(() => SealedDocument.Read(_sealer, "index", damaged));
            Assert.Throws<BackupException>(() => SealedDocument.Read(_sealer, "index", document.AsSpan(0, place)));
        }
    }

    [Fact]
    public void One_purpose_is_no_other_and_one_key_no_other()
    {
        var document = SealedDocument.Write(_sealer, "head 1", "some content"u8);
        using var stranger = new Sealer([.. Enumerable.Repeat((byte)1, 32)]);
        Assert.Throws<BackupException>(() => SealedDocument.Read(_sealer, "head 2", document));
        Assert.Throws<BackupException>(() => SealedDocument.Read(stranger, "head 1", document));
    }

    [Fact]
    public void The_same_content_never_looks_the_same_twice()
    {
        using var other = new Sealer(new byte[32]);
        byte[][] documents = [.. new[] { _sealer, _sealer, other }.Select(sealer => SealedDocument.Write(sealer, "index", "some content"u8))];
        Assert.Equal(3, documents.Select(Convert.ToHexString).Distinct().Count());
    }
}
