namespace P2P.YouServ;

/// <summary>Keeps the accounts of <see cref="LocalAccounts"/>.</summary>
public interface IAccountStore
{
    /// <summary>Finds the account of a user.</summary>
    /// <param name="user">The user.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The account; null if there is none.</returns>
    ValueTask<AccountRecord?> FindAccountAsync(UserId user, CancellationToken cancellationToken = default);

    /// <summary>Adds an account, or replaces the one that the user has.</summary>
    /// <param name="account">The account.</param>
    /// <param name="cancellationToken">Stops waiting; the account may be kept nevertheless.</param>
    ValueTask PutAccountAsync(AccountRecord account, CancellationToken cancellationToken = default);

    /// <summary>Removes the account of a user.</summary>
    /// <param name="user">The user.</param>
    /// <param name="cancellationToken">Stops waiting; the account may be removed nevertheless.</param>
    /// <returns>Whether there was one.</returns>
    ValueTask<bool> RemoveAccountAsync(UserId user, CancellationToken cancellationToken = default);
}
