// snippet: own-authenticator
using System.Security.Cryptography;
using P2P.YouServ;
// end of snippet

namespace Architecture.Tests.Snippets.Cookbook;

// snippet: own-authenticator
/// <summary>Signs in the people of a list that the organisation has already, with the hashes of their passwords.</summary>
public sealed class StaffList(IReadOnlyDictionary<string, StaffList.Person> people) : IAuthenticator
{
    public const int Iterations = 210_000;

    public ValueTask<AuthenticationResult> AuthenticateAsync(string userName, string password, CancellationToken cancellationToken = default)
    {
        if (!UserId.TryParse(userName, out var user) || !people.TryGetValue(user.ToString(), out var person))
        {
            return new(new AuthenticationResult.UnknownUser()); // The next authenticator is asked.
        }

        var hash = Rfc2898DeriveBytes.Pbkdf2(password, person.Salt, Iterations, HashAlgorithmName.SHA256, person.Hash.Length);
        return new(CryptographicOperations.FixedTimeEquals(hash, person.Hash)
            ? new AuthenticationResult.Accepted(user, person.Name, person.Groups)
            : new AuthenticationResult.WrongPassword());
    }

    public sealed record Person(string Name, IReadOnlyList<string> Groups, byte[] Salt, byte[] Hash);
}
// end of snippet
