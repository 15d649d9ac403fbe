using P2P.Past.Protocol;

namespace P2P.Past.Simulation;

/// <summary>Is what one life of a node in a <see cref="VirtualArchive"/> has cached: certificates for copies, which come as other content does.</summary>
internal sealed class VirtualCache(VirtualStore store)
{
    private readonly Dictionary<FileId, FileCertificate> _copies = [];

    public bool Contains(FileId fileId) => _copies.ContainsKey(fileId);

    public FileCertificate? Find(FileId fileId) => _copies.GetValueOrDefault(fileId);

    public void Perform(PastEffect effect)
    {
        switch (effect)
        {
            case CheckCopy check:
                Check(check);
                break;
            case KeepCopy keep:
                Keep(keep);
                break;
            case DropCopies drop:
                Forget(drop.FileIds);
                break;
            default:
                break;
        }
    }

    /// <summary>Lets the content of an answer come, as that to a lookup does.</summary>
    private void Check(CheckCopy check)
    {
        var passage = check.Content is not null && store.Archive.FindStore(check.Source) is { } source && source != store
            ? source.CarryTo(store, check.Certificate.ContentLength)
            : TimeSpan.Zero;
        store.After(passage, () => store.Tell(new CopyChecked(check, store.Archive.Trusts(check.Source.Id))));
    }

    private void Keep(KeepCopy keep)
    {
        Forget(keep.Evicted);
        if (keep.Content is null)
        {
            new VirtualFetch(store, keep.Certificate, [keep.Source], source => End(keep.Certificate, source is not null)).Begin();
        }
        else
        {
            End(keep.Certificate, isKept: true);
        }
    }

    private void End(FileCertificate copy, bool isKept)
    {
        if (isKept)
        {
            _copies[copy.FileId] = copy;
        }

        store.Tell(new CopyKept(copy.FileId, isKept));
    }

    private void Forget(FileId[] copies)
    {
        foreach (var copy in copies)
        {
            _copies.Remove(copy);
        }
    }
}
