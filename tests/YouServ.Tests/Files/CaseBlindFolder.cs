using Microsoft.Win32.SafeHandles;
using P2P.YouServ;
using P2P.YouServ.Http.Files;

namespace YouServ.Tests.Files;

/// <summary>A folder on a disk that does not tell upper from lower case; what is in it is listed in lower case.</summary>
internal sealed class CaseBlindFolder(SiteFolder inner) : SiteFolder
{
    public override SiteEntry Find(SitePath path) => inner.Find(Lower(path));

    public override bool IsUnchanged(byte[] native, in FileStamp stamp) => inner.IsUnchanged(native, stamp);

    public override byte[] NativeOf(SitePath path) => inner.NativeOf(Lower(path));

    public override SafeFileHandle? OpenFile(SitePath path, out SiteEntry entry) => inner.OpenFile(Lower(path), out entry);

    public override FileStamp StampOf(SafeFileHandle file) => inner.StampOf(file);

    public override IEnumerable<NamedEntry> List(SitePath folder) => inner.List(Lower(folder));

    public override List<NamedEntry>? ListWhole(SitePath folder) => inner.ListWhole(Lower(folder));

    public override ChangeOutcome CreateFolder(SitePath folder) => inner.CreateFolder(Lower(folder));

    public override SafeFileHandle? OpenOwn(SitePath path) => inner.OpenOwn(Lower(path));

    public override ChangeOutcome Move(SitePath from, SitePath to, bool overwrites) => inner.Move(Lower(from), Lower(to), overwrites);

    public override ChangeOutcome Delete(SitePath path) => inner.Delete(Lower(path));

    public override long FreeBytes() => inner.FreeBytes();

    public override void Dispose() => inner.Dispose();

    private static SitePath Lower(SitePath path) => SitePath.Parse(path.Value.ToLowerInvariant());
}
