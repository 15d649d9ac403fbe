using P2P.YouSearch;
using P2P.YouSearch.Protocol;
using P2P.YouServ;

namespace YouSearch.Tests.Peer;

public sealed class InspectionTests
{
    [Fact]
    public void What_is_new_changed_shifted_or_gone_is_told_and_nothing_else()
    {
        var map = new AreaMap([SitePath.Parse("open")], []);
        var known = new[] { Known("same", "1", "-"), Known("changed", "1", "-"), Known("open/shifted", "1", "-"), Known("gone", "1", "-") }.ToDictionary(file => file.Path.Value);
        var inspection = Inspection.Of(known, [Present("same", "1"), Present("changed", "2"), Present("open/shifted", "1"), Present("new", "1")], map, 100);
        Assert.Equal(["changed", "new"], inspection.Changed.Select(file => file.Path.Value));
        Assert.Equal(["open/shifted"], inspection.Shifted.Select(shift => shift.Present.Path.Value));
        Assert.Equal(["gone"], inspection.Gone.Keys);
    }

    [Fact]
    public void Files_beyond_the_bound_are_left_out()
    {
        var inspection = Inspection.Of(new Dictionary<string, IndexedFile>(), Enumerable.Range(0, 10).Select(number => Present($"{number}", "1")), AreaMap.Empty, 3);
        Assert.Equal(["0", "1", "2"], inspection.Changed.Select(file => file.Path.Value));
    }

    private static IndexedFile Known(string path, string stamp, string area) => new() { Path = SitePath.Parse(path), Stamp = stamp, Digest = "", Area = area };

    private static SiteFile Present(string path, string stamp) => new(SitePath.Parse(path), 1, DateTimeOffset.UnixEpoch, stamp);
}
