using P2P.Pastry;

namespace P2P.Scribe;

/// <summary>Joins groups that belong to all who have their creator's key.</summary>
public static class ScribeExtensions
{
    /// <summary>How often it is tried where others begin the group at the same time, or it ends at once.</summary>
    private const int AttemptsMax = 4;

    /// <summary>
    /// Joins a group, and begins it first where there is none. For groups that no single one runs: those of a game's world, or of a room that whoever comes first opens. A group that has ended
    /// (<see cref="GroupEvent.Ended"/>) is begun again by calling this again.
    /// </summary>
    /// <param name="scribe">SCRIBE.</param>
    /// <param name="name">The group's textual name.</param>
    /// <param name="creator">The key that the group's id depends on.</param>
    /// <param name="policy">How the group works if it is begun now; default <see cref="GroupPolicy"/>'s defaults.</param>
    /// <param name="options">How to be a member.</param>
    /// <param name="cancellationToken">Gives up, and leaves where it has joined meanwhile; the group may begin all the same.</param>
    /// <returns>As <see cref="IScribe.JoinAsync"/>; <see cref="JoinResult.NotFound"/> where there is no such group and none may begin.</returns>
    /// <exception cref="ArgumentException">The name is too long, or no valid UTF-16.</exception>
    /// <exception cref="ScribeException">A value of the policy or an option is outside its range, or the node has stopped.</exception>
    public static async ValueTask<JoinResult> JoinOrCreateAsync(
        this IScribe scribe, string name, ISigner creator, GroupPolicy? policy = null, JoinOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scribe);
        ArgumentNullException.ThrowIfNull(creator);
        var group = GroupId.Compute(name, creator.PublicKey);
        for (var attempt = 1; ; attempt++)
        {
            var joined = await scribe.JoinAsync(group, options, cancellationToken).ConfigureAwait(false);
            if (joined is not JoinResult.NotFound || attempt == AttemptsMax)
            {
                return joined;
            }

            switch (await scribe.CreateAsync(name, creator, policy, cancellationToken).ConfigureAwait(false))
            {
                case CreateResult.Refused:
                    return joined;
                case CreateResult.Indeterminate:
                    return new JoinResult.Unreachable();
            }
        }
    }
}
