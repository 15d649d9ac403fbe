using P2P.Bloom;
using P2P.YouSearch;
using P2P.YouSearch.Protocol;

namespace YouSearch.Tests.Registrar;

/// <summary>Whatever happens in whatever order, a site that has registered is named for what it has.</summary>
public sealed class CompletenessTests
{
    private const int Steps = 400;
    private const int Sites = 12;

    public static TheoryData<int, bool> Seeds
    {
        get
        {
            var seeds = new TheoryData<int, bool>();
            var count = Environment.GetEnvironmentVariable("P2P_LONG") == "1" ? 500 : 5;
            for (var seed = 1; seed <= count; seed++)
            {
                seeds.Add(seed, false);
                seeds.Add(seed, true);
            }

            return seeds;
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task No_site_is_missed_that_has_what_is_looked_for(int seed, bool splits)
    {
        var story = new Story(seed, splits);
        for (var step = 0; step < Steps; step++)
        {
            await story.StepAsync();
            await story.AskAsync();
        }

        // A filter of a thousand bits and thirty terms lets one of some ten thousand others pass.
        Assert.True(story.Wrong <= story.Right / 100, $"{story.Wrong} of {story.Right} were named without reason.");
        Assert.True(story.Right > 0);
    }

    private sealed class Story(int seed, bool splits)
    {
        private readonly Random _random = new(seed);
        private readonly RegistrarGround _ground = new(splits);
        private readonly Dictionary<string, Told> _oracle = [];

        public int Right { get; private set; }

        public int Wrong { get; private set; }

        public Task StepAsync() => _random.Next(splits ? 16 : 12) switch
        {
            < 4 => RegisterAsync(isWhole: true),
            < 8 => RegisterAsync(isWhole: false),
            8 => KeepAsync(),
            9 => PassAsync(),
            10 => DieAsync(),
            11 => _random.Next(10) == 0 ? RestartAsync() : Task.CompletedTask,
            12 => Task.FromResult(Any().IsCut = true),
            13 => Task.FromResult(Any().LosesAnswers = true),
            14 => RecoverAsync(),
            _ => RestartHolderAsync(),
        };

        public async Task AskAsync()
        {
            CandidateQuery query = new() { Alternatives = [Terms(1), Terms(2)] };
            foreach (var isSignedIn in new[] { true, false })
            {
                var list = isSignedIn ? await _ground.FindAsync(query) : await _ground.FindAnonymouslyAsync(query);
                var named = RegistrarGround.NamesOf(list).ToHashSet();
                var now = _ground.Clock.GetUtcNow();
                foreach (var (site, told) in _oracle)
                {
                    if (told.IsDead || told.Expires <= now)
                    {
                        Assert.DoesNotContain(site, named);
                    }
                    else if (told.Has(query, isSignedIn))
                    {
                        Right++;
                        Assert.Contains(site, named);
                    }
                    else if (list.IsExact && named.Contains(site))
                    {
                        Wrong++;
                    }
                }

                Assert.Subset(_oracle.Keys.ToHashSet(), named);
            }
        }

        private async Task RegisterAsync(bool isWhole)
        {
            var site = $"site{_random.Next(Sites)}";
            var told = _oracle.GetValueOrDefault(site);
            var next = new Told { Public = Change(told?.Public), Members = Change(told?.Members), Probed = told?.Probed };
            (next.PublicFilter, next.MembersFilter) = (SummaryFilter.Of(next.Public), SummaryFilter.Of(next.Members));
            var result = await TellAsync(site, next, isWhole ? null : told?.PublicFilter, isWhole ? null : told?.MembersFilter);
            if (!result.IsKnown)
            {
                result = await TellAsync(site, next, null, null);
            }

            Assert.True(result.IsKnown);
            next.Expires = _ground.Clock.GetUtcNow() + TimeSpan.FromMinutes(15);
            _oracle[site] = next;
        }

        private async Task KeepAsync()
        {
            foreach (var (site, told) in _oracle)
            {
                if (!(await TellAsync(site, told, told.PublicFilter, told.MembersFilter)).IsKnown)
                {
                    Assert.True((await TellAsync(site, told, null, null)).IsKnown);
                }

                told.Expires = _ground.Clock.GetUtcNow() + TimeSpan.FromMinutes(15);
                told.IsDead = false;
            }
        }

        private async Task<RegistrationResult> TellAsync(string site, Told told, PartitionedBloomFilter? publicBase, PartitionedBloomFilter? membersBase)
        {
            var (visitor, own) = RegistrarGround.Owner(site);
            _ground.Clock.Advance(TimeSpan.FromMilliseconds(100));
            return await _ground.Registrar.RegisterAsync(visitor, own, new()
            {
                Site = own!.Value,
                Generation = 1,
                Public = new(told.PublicFilter, publicBase),
                Members = new(told.MembersFilter, membersBase),
            });
        }

        private Task PassAsync() => _ground.PassAsync(TimeSpan.FromMinutes(_random.Next(1, 6)));

        private async Task DieAsync()
        {
            var now = _ground.Clock.GetUtcNow();
            if (_oracle.FirstOrDefault(pair => !pair.Value.IsDead && pair.Value.Expires > now && !(pair.Value.Probed + TimeSpan.FromSeconds(10) > now)) is { Key: { } site, Value: { } told })
            {
                // Nobody serves it: there is nobody to be asked.
                _ground.Registrar.ReportSilent(RegistrarGround.Owner("joe").Visitor, null, [RegistrarGround.Site(site)]);
                told.IsDead = true;
                told.Probed = now;
                await _ground.Registrar.ProbedAsync();
            }
        }

        private Task RestartAsync()
        {
            _ground.Restart();
            _oracle.Clear();
            return Task.CompletedTask;
        }

        private Task RestartHolderAsync()
        {
            Any().Restart();
            return Task.CompletedTask;
        }

        private Task RecoverAsync()
        {
            Array.ForEach(_ground.Holders, holder => (holder.IsCut, holder.LosesAnswers) = (false, false));
            return _ground.LookAsync();
        }

        private FlakyHolder Any() => _ground.Holders[_random.Next(_ground.Holders.Length)];

        private HashSet<ulong> Change(HashSet<ulong>? before)
        {
            var terms = before is null || _random.Next(10) == 0 ? [] : before.Where(_ => _random.Next(8) > 0).ToHashSet();
            terms.UnionWith(Terms(_random.Next(6)));
            return terms;
        }

        private ulong[] Terms(int count) => [.. Enumerable.Range(0, count).Select(_ => BloomHasher.Default.Hash((ulong)_random.Next(60)).Low)];
    }

    private sealed class Told
    {
        public HashSet<ulong> Public { get; init; } = [];

        public HashSet<ulong> Members { get; init; } = [];

        public PartitionedBloomFilter? PublicFilter { get; set; }

        public PartitionedBloomFilter? MembersFilter { get; set; }

        public DateTimeOffset Expires { get; set; }

        public DateTimeOffset? Probed { get; set; }

        public bool IsDead { get; set; }

        public bool Has(CandidateQuery query, bool isSignedIn) =>
            query.Alternatives.Any(terms => terms.All(Public.Contains) || (isSignedIn && terms.All(Members.Contains)));
    }
}
