using Microsoft.Extensions.Time.Testing;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Pastry.Tests.Hosting;

/// <summary>A busy node looks at what has come before it holds against others that nothing came.</summary>
public sealed class InboxOrderTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(60));

    public void Dispose() => _limit.Dispose();

    [Fact]
    public async Task Timers_come_behind_what_was_there_before_they_were_due()
    {
        var module = new Noting();
        await using var node = await PastryNode.StartAsync(new() { Transport = new InMemoryNetwork().CreateTransport, Modules = { module }, Time = _time }, _limit.Token);
        await module.Port.PostAsync(TimeSpan.FromSeconds(1), _limit.Token);
        await module.Port.PostAsync(module.Busy, _limit.Token);
        await module.Entered.Task.WaitAsync(_limit.Token);

        // All of this happens while the node is busy.
        _time.Advance(TimeSpan.FromSeconds(0.5));
        await module.Port.PostAsync("early", _limit.Token);
        _time.Advance(TimeSpan.FromSeconds(1.5));
        await module.Port.PostAsync("late", _limit.Token);
        module.Busy.Set();

        await module.Port.PostAsync(module.Done, _limit.Token);
        await module.Done.Task.WaitAsync(_limit.Token);
        Assert.Equal(["early", "timer", "late"], module.Seen);
    }

    private sealed class Noting : IPastryModule
    {
        private Machine? _machine;

        public List<string> Seen { get; } = [];

        public ManualResetEventSlim Busy { get; } = new();

        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public INodePort Port { get; private set; } = null!;

        PastryApplication IPastryModule.Application => _machine ??= new Machine(this);

        public void Attach(INodePort port) => Port = port;

        public ValueTask DisposeAsync()
        {
            Busy.Dispose();
            return ValueTask.CompletedTask;
        }

        private sealed class Machine(Noting module) : PastryApplication(PastryApplicationId.FromName("tests/order"))
        {
            protected internal override void Deliver(in RoutedMessage message, IOverlay overlay)
            {
            }

            protected internal override void Expire(ulong token, IOverlay overlay) => module.Seen.Add("timer");

            protected internal override void Handle(object input, IOverlay overlay)
            {
                switch (input)
                {
                    case TimeSpan span:
                        overlay.SetTimer(1, overlay.Now + span);
                        break;
                    case ManualResetEventSlim busy:
                        module.Entered.SetResult();
                        busy.Wait();
                        break;
                    case TaskCompletionSource done:
                        done.SetResult();
                        break;
                    default:
                        module.Seen.Add((string)input);
                        break;
                }
            }
        }
    }
}
