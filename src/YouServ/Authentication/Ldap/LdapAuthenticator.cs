using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using P2P.YouServ.Ldap;

namespace P2P.YouServ;

/// <summary>
/// Knows the users of a directory (LDAPv3, RFC 4511): it searches for the user's entry, and then asks the server to be that entry with the given password, over a connection of its own for
/// each sign-in. Referrals are not followed. What a server sends is bounded, and whatever it is, the outcome is a result.
/// </summary>
public sealed class LdapAuthenticator : IAuthenticator
{
    /// <summary>How many groups a user has at most; further ones are left out.</summary>
    public const int GroupsMax = 1000;

    /// <summary>A second entry shows that the first is not the only one.</summary>
    private const int UsersMax = 2;

    private const string GroupNameAttribute = "cn";

    private readonly LdapOptions _options;
    private readonly LdapFilter _userFilter;
    private readonly LdapFilter? _groupFilter;
    private readonly string[] _userAttributes;
    private readonly Func<LdapServer, CancellationToken, ValueTask<Stream>> _connect;
    private int _preferred;

    /// <summary>Makes an authenticator. Nothing is connected yet.</summary>
    /// <param name="options">What directory, and how it is asked.</param>
    /// <exception cref="YouServException">An option is out of its range.</exception>
    public LdapAuthenticator(LdapOptions options)
        : this(options, connect: null)
    {
    }

    /// <summary>Makes one that gets its connections from elsewhere.</summary>
    internal LdapAuthenticator(LdapOptions options, Func<LdapServer, CancellationToken, ValueTask<Stream>>? connect)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Validated();
        _userFilter = new(_options.UserFilter);
        _groupFilter = _options.GroupFilter is { } filter ? new(filter) : null;
        _userAttributes = [_options.IdAttribute, .. _options.DisplayNameAttributes, .. _options.GroupsAttribute is { } attribute ? (string[])[attribute] : []];
        _connect = connect ?? ConnectAsync;
    }

    /// <inheritdoc/>
    public async ValueTask<AuthenticationResult> AuthenticateAsync(string userName, string password, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(userName);
        ArgumentNullException.ThrowIfNull(password);
        if (userName.Length is 0 or > UserId.LengthMax)
        {
            return new AuthenticationResult.UnknownUser();
        }

        var failures = new List<string>();
        var first = Volatile.Read(ref _preferred);
        for (var i = 0; i < _options.Servers.Count; i++)
        {
            var at = (first + i) % _options.Servers.Count;
            var server = _options.Servers[at];
            var (result, failure) = await TryAsync(server, userName, password, cancellationToken).ConfigureAwait(false);
            if (result is not null)
            {
                Volatile.Write(ref _preferred, at);
                return result;
            }

            failures.Add($"{server}: {failure}");
        }

        return new AuthenticationResult.Unavailable(string.Join("; ", failures));
    }

    private async ValueTask<(AuthenticationResult? Result, string? Failure)> TryAsync(
        LdapServer server, string userName, string password, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(_options.ServerTimeout, _options.Time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            var session = new LdapSession(await _connect(server, linked.Token).ConfigureAwait(false));
            await using var _ = session.ConfigureAwait(false);
            return (await AskAsync(session, server, userName, password, linked.Token).ConfigureAwait(false), null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, $"no answer within {_options.ServerTimeout}");
        }
        catch (Exception failure) when (failure is LdapException or IOException or SocketException or AuthenticationException or CryptographicException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return (null, failure.GetBaseException().Message);
        }
    }

    private async ValueTask<AuthenticationResult> AskAsync(LdapSession session, LdapServer server, string userName, string password, CancellationToken cancellationToken)
    {
        if (_options.Security == LdapSecurity.StartTls)
        {
            await session.StartTlsAsync(cancellationToken).ConfigureAwait(false);
        }

        if (_options.Security != LdapSecurity.None)
        {
            await session.SecureAsync(server.Host, _options.TrustedAuthorities, cancellationToken).ConfigureAwait(false);
        }

        if (!string.IsNullOrEmpty(_options.BindDn))
        {
            Require(await session.BindAsync(Encoding.UTF8.GetBytes(_options.BindDn), _options.BindPassword!, cancellationToken).ConfigureAwait(false), "the bind for searching");
        }

        var search = new LdapSearch(_options.BaseDn, _userFilter, Encoding.UTF8.GetBytes(userName), _userAttributes, UsersMax);
        var (entries, code) = await session.SearchAsync(search, cancellationToken).ConfigureAwait(false);
        if (entries.Count >= UsersMax)
        {
            return new AuthenticationResult.Unavailable($"{nameof(LdapOptions.UserFilter)} finds several entries for a user, who can't sign in.");
        }

        Require(code, "the search for a user");
        return entries is [var entry] ? await ProveAsync(session, entry, password, cancellationToken).ConfigureAwait(false) : new AuthenticationResult.UnknownUser();
    }

    private async ValueTask<AuthenticationResult> ProveAsync(LdapSession session, LdapEntry entry, string password, CancellationToken cancellationToken)
    {
        // RFC 4513 §5.1.2: many servers say yes to an empty password, whoever asks; and some take one to end at its first NUL.
        if (password.Length == 0 || password.Contains('\0', StringComparison.Ordinal))
        {
            return new AuthenticationResult.WrongPassword();
        }

        // §5.1.1: and to an empty name, whatever the password.
        if (entry.Dn.IsEmpty)
        {
            throw new LdapException("an entry has no name");
        }

        // Groups come first: once it has been bound as the user, the connection sees what the user may see.
        var groups = await GroupsAsync(session, entry, cancellationToken).ConfigureAwait(false);
        switch (await session.BindAsync(entry.Dn, password, cancellationToken).ConfigureAwait(false))
        {
            case LdapResultCode.Success:
                return Accept(entry, groups);

            // What directories say of a wrong password, of an entry without one, and of an account that is locked, disabled or gone.
            case LdapResultCode.InvalidCredentials or LdapResultCode.InappropriateAuthentication or LdapResultCode.ConstraintViolation
                or LdapResultCode.InsufficientAccessRights or LdapResultCode.UnwillingToPerform or LdapResultCode.NoSuchObject:
                return new AuthenticationResult.WrongPassword();
            case var code:
                throw new LdapException($"the bind as a user ends with {code} ({(int)code})");
        }
    }

    private AuthenticationResult Accept(LdapEntry entry, IReadOnlyList<string> groups)
    {
        var ids = entry.Values(_options.IdAttribute).Select(value => UserId.TryParse(value, out var id) ? id.Value : "").Where(id => id.Length > 0);
        if (ids.Min(StringComparer.Ordinal) is not { } value)
        {
            return new AuthenticationResult.Unavailable($"The entry of a user has no {_options.IdAttribute} that could be an id, and the user can't sign in.");
        }

        var name = _options.DisplayNameAttributes.SelectMany(entry.Values).Select(text => text.Trim()).FirstOrDefault(text => text.Length is > 0 and <= UserId.LengthMax);
        return new AuthenticationResult.Accepted(UserId.Parse(value), name ?? value, groups);
    }

    private async ValueTask<IReadOnlyList<string>> GroupsAsync(LdapSession session, LdapEntry entry, CancellationToken cancellationToken)
    {
        var names = _options.GroupsAttribute is { } attribute ? entry.Values(attribute).Select(GroupName.OfEntry) : [];
        if (_groupFilter is not null)
        {
            var search = new LdapSearch(_options.GroupBaseDn ?? _options.BaseDn, _groupFilter, entry.Dn, [GroupNameAttribute], GroupsMax);
            var (entries, code) = await session.SearchAsync(search, cancellationToken).ConfigureAwait(false);
            if (code != LdapResultCode.SizeLimitExceeded)
            {
                Require(code, "the search for groups");
            }

            names = names.Concat(entries.SelectMany(group => group.Values(GroupNameAttribute)).Select(GroupName.Of));
        }

        return [.. names.OfType<string>().Distinct().Take(GroupsMax)];
    }

    private static void Require(LdapResultCode code, string what)
    {
        if (code != LdapResultCode.Success)
        {
            throw new LdapException($"{what} ends with {code} ({(int)code})");
        }
    }

    private async ValueTask<Stream> ConnectAsync(LdapServer server, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server.Host, server.PortFor(_options.Security), cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
