using System.Globalization;
using System.Security.Cryptography;

namespace P2P.YouServ;

/// <summary>
/// Knows users by accounts that the coordinator keeps itself. Passwords are kept as PBKDF2 with SHA-256, a salt of 16 bytes and 600,000 rounds, which take about a tenth of
/// a second; of hashes with fewer rounds a new one is made when the user signs in.
/// </summary>
/// <param name="accounts">Where accounts are kept.</param>
public sealed class LocalAccounts(IAccountStore accounts) : IAuthenticator
{
    /// <summary>How many characters a password has at least.</summary>
    public const int PasswordLengthMin = 8;

    /// <summary>How many characters a password has at most.</summary>
    public const int PasswordLengthMax = 1024;

    private const string Scheme = "pbkdf2-sha256";
    private const int Rounds = 600_000;
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    /// <summary>A hash takes a core for a tenth of a second; the other half of them is there for others. All accounts of the process share it.</summary>
    private static readonly SemaphoreSlim HashesAtOnce = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>A hash that no password has, so that unknown users take as long as known ones.</summary>
    private static readonly string NobodysHash = Format(Rounds, new byte[SaltBytes], new byte[HashBytes]);

    /// <summary>Adds an account, or replaces the one that the user has.</summary>
    /// <param name="user">The user.</param>
    /// <param name="password">The password; <see cref="PasswordLengthMin"/> to <see cref="PasswordLengthMax"/> characters.</param>
    /// <param name="displayName">What the user is called; the id without one.</param>
    /// <param name="groups">The user's groups.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="YouServException">The password is too short or too long.</exception>
    public ValueTask SetAsync(
        UserId user, string password, string? displayName = null, IEnumerable<string>? groups = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(password);
        return password.Length is < PasswordLengthMin or > PasswordLengthMax
            ? throw new YouServException($"The password of {user} must have {PasswordLengthMin} to {PasswordLengthMax} characters.")
            : accounts.PutAccountAsync(
                new()
                {
                    User = user,
                    DisplayName = string.IsNullOrWhiteSpace(displayName) ? user.Value : displayName.Trim(),
                    Groups = [.. (groups ?? []).Select(group => group.Trim().ToLowerInvariant()).Where(group => group.Length > 0).Distinct()],
                    PasswordHash = Hash(password),
                },
                cancellationToken);
    }

    /// <summary>Removes an account, so that nobody signs in by it any more. Sessions go on until they end (<see cref="YouServCoordinator.EndSessionsAsync"/>); the site keeps its name.</summary>
    /// <param name="user">The user.</param>
    /// <param name="cancellationToken">Stops waiting; the account may be removed nevertheless.</param>
    /// <returns>Whether there was one.</returns>
    public ValueTask<bool> RemoveAsync(UserId user, CancellationToken cancellationToken = default) => accounts.RemoveAccountAsync(user, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<AuthenticationResult> AuthenticateAsync(string userName, string password, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(password);
        var account = UserId.TryParse(userName, out var user) ? await accounts.FindAccountAsync(user, cancellationToken).ConfigureAwait(false) : null;
        var isRight = password.Length <= PasswordLengthMax && await VerifyAsync(password, account?.PasswordHash ?? NobodysHash, cancellationToken).ConfigureAwait(false);
        if (account is null)
        {
            return new AuthenticationResult.UnknownUser();
        }

        if (!isRight)
        {
            return new AuthenticationResult.WrongPassword();
        }

        if (ReadRounds(account.PasswordHash) < Rounds)
        {
            await accounts.PutAccountAsync(account with { PasswordHash = Hash(password) }, cancellationToken).ConfigureAwait(false);
        }

        return new AuthenticationResult.Accepted(account.User, account.DisplayName, account.Groups);
    }

    private static string Hash(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return Format(Rounds, salt, Derive(password, salt, Rounds));
    }

    private static async ValueTask<bool> VerifyAsync(string password, string hash, CancellationToken cancellationToken)
    {
        await HashesAtOnce.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return Verify(password, hash);
        }
        finally
        {
            HashesAtOnce.Release();
        }
    }

    private static bool Verify(string password, string hash) =>
        hash.Split('$') is [Scheme, var rounds, var salt, var expected]
        && CryptographicOperations.FixedTimeEquals(
            Derive(password, Convert.FromBase64String(salt), int.Parse(rounds, CultureInfo.InvariantCulture)), Convert.FromBase64String(expected));

    private static int ReadRounds(string hash) => int.Parse(hash.Split('$')[1], CultureInfo.InvariantCulture);

    private static string Format(int rounds, byte[] salt, byte[] hash) =>
        string.Create(CultureInfo.InvariantCulture, $"{Scheme}${rounds}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}");

    private static byte[] Derive(string password, byte[] salt, int rounds) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, rounds, HashAlgorithmName.SHA256, HashBytes);
}
