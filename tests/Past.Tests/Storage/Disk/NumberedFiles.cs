using System.Collections.Concurrent;
using P2P.Past;

namespace Past.Tests.Storage.Disk;

/// <summary>Makes many files, each with one certificate, however often it is asked for: signing twice makes two.</summary>
internal sealed class NumberedFiles(Func<int, int> lengthOf)
{
    private readonly ConcurrentDictionary<int, FileCertificate> _certificates = [];

    public byte[] Content(int file) => TestFiles.Content(lengthOf(file), file);

    public FileCertificate Certify(int file) => _certificates.GetOrAdd(file, _ => TestFiles.Certify(Content(file), $"file {file}"));
}
