using P2P.YouServ.Protocol;

namespace YouServ.Tests.Coordination;

public sealed class LoginThrottleTests
{
    [Fact]
    public void One_place_guesses_a_users_password_no_faster_than_once_a_minute()
    {
        var throttle = new LoginThrottle();
        var now = TimeSpan.Zero;
        var attempts = 0;
        for (; now < TimeSpan.FromHours(1); now += TimeSpan.FromSeconds(1))
        {
            if (throttle.Wait("joe", "10.0.0.1", now) == TimeSpan.Zero)
            {
                throttle.Attempt("joe", "10.0.0.1", now);
                attempts++;
            }
        }

        Assert.InRange(attempts, 60, 66);
    }

    [Fact]
    public void Whoever_guesses_elsewhere_does_not_keep_the_user_out()
    {
        var throttle = new LoginThrottle();
        for (var i = 0; i < 20; i++)
        {
            throttle.Attempt("joe", "10.0.0.1", TimeSpan.Zero);
        }

        Assert.NotEqual(TimeSpan.Zero, throttle.Wait("joe", "10.0.0.1", TimeSpan.Zero));
        Assert.Equal(TimeSpan.Zero, throttle.Wait("joe", "10.0.0.2", TimeSpan.Zero));
    }

    [Fact]
    public void Many_places_together_are_bounded_too()
    {
        var throttle = new LoginThrottle();
        var attempts = Enumerable.Range(0, 1000).Count(place =>
        {
            var isOpen = throttle.Wait("joe", $"{place}", TimeSpan.Zero) == TimeSpan.Zero;
            if (isOpen)
            {
                throttle.Attempt("joe", $"{place}", TimeSpan.Zero);
            }

            return isOpen;
        });
        Assert.Equal(50, attempts);
    }

    [Fact]
    public void Right_passwords_do_not_count()
    {
        var throttle = new LoginThrottle();
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(TimeSpan.Zero, throttle.Wait("joe", "10.0.0.1", TimeSpan.Zero));
            throttle.Attempt("joe", "10.0.0.1", TimeSpan.Zero);
            throttle.Succeed("joe", "10.0.0.1");
        }
    }

    [Fact]
    public void What_is_remembered_is_bounded_and_what_was_refreshed_longest_ago_is_forgotten()
    {
        var throttle = new LoginThrottle(entriesMax: 30);
        for (var i = 0; i < 5; i++)
        {
            throttle.Attempt("joe", "10.0.0.1", TimeSpan.Zero);
            throttle.Attempt("alice", "10.0.0.2", TimeSpan.Zero);
        }

        Assert.NotEqual(TimeSpan.Zero, throttle.Wait("joe", "10.0.0.1", TimeSpan.Zero));

        // Each user from another place takes three entries.
        for (var i = 0; i < 10; i++)
        {
            throttle.Attempt($"user {i}", $"{i}", TimeSpan.Zero);
            throttle.Attempt("alice", "10.0.0.2", TimeSpan.Zero);
        }

        Assert.Equal(TimeSpan.Zero, throttle.Wait("joe", "10.0.0.1", TimeSpan.Zero));
        Assert.NotEqual(TimeSpan.Zero, throttle.Wait("alice", "10.0.0.2", TimeSpan.Zero));
    }
}
