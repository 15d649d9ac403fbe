using Microsoft.Win32.SafeHandles;
using P2P.YouServ;
using P2P.YouServ.Http.Files;

namespace YouServ.Tests.Replication;

/// <summary>Is a folder of which parts cannot be listed now and then.</summary>
internal sealed class MutedFolder(SiteFolder inner) : SiteFolder
{
    public HashSet<string> Muted { get; } = new(StringComparer.Ordinal);

    public override SiteEntry Find(SitePath path) => inner.Find(path);

    public override bool IsUnchanged(byte[] native, in FileStamp stamp) => inner.IsUnchanged(native, stamp);

    public override byte[] NativeOf(SitePath path) => inner.NativeOf(path);

    public override SafeFileHandle? OpenFile(SitePath path, out SiteEntry entry) => inner.OpenFile(path, out entry);

    public override FileStamp StampOf(SafeFileHandle file) => inner.StampOf(file);

    public override IEnumerable<NamedEntry> List(SitePath folder) => inner.List(folder);

    public override List<NamedEntry>? ListWhole(SitePath folder) => Muted.Contains(folder.Value) ? null : inner.ListWhole(folder);

    public override ChangeOutcome CreateFolder(SitePath folder) => inner.CreateFolder(folder);

    public override SafeFileHandle? OpenOwn(SitePath path) => inner.OpenOwn(path);

    public override ChangeOutcome Move(SitePath from, SitePath to, bool overwrites) => inner.Move(from, to, overwrites);

    public override ChangeOutcome Delete(SitePath path) => inner.Delete(path);

    public override long FreeBytes() => inner.FreeBytes();

    public override void Dispose() => inner.Dispose();
}
