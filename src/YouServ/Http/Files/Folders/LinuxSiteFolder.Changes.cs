using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace P2P.YouServ.Http.Files;

/// <summary>What changes the folder: every call names one entry of an open folder, and follows no link in that name.</summary>
internal sealed unsafe partial class LinuxSiteFolder
{
    private const int ModeOfFiles = 0x1B6; // rw-rw-rw-, of which the process's mask takes its part.
    private const int ModeOfFolders = 0x1FF; // rwxrwxrwx likewise.
    private const int DepthMax = 512;

    public override ChangeOutcome CreateFolder(SitePath folder)
    {
        var parent = OpenParent(folder);
        if (parent < 0)
        {
            return OutcomeOf(-parent);
        }

        fixed (byte* name = NativeName(folder.Name))
        {
            var outcome = Linux.MakeFolder(parent, name, ModeOfFolders) == 0 ? FlushFolder(parent) : OutcomeOf(Marshal.GetLastPInvokeError());
            _ = Linux.Close(parent);
            return outcome;
        }
    }

    public override SafeFileHandle? OpenOwn(SitePath path)
    {
        fixed (byte* native = NativeOf(path))
        {
            var descriptor = Open(native, Linux.OpenReadWrite | Linux.OpenCreate | Linux.OpenNonBlocking, Resolve | Linux.ResolveNoSymlinks, ModeOfFiles);
            return descriptor < 0 ? null : Regular(descriptor, out _);
        }
    }

    public override ChangeOutcome Move(SitePath from, SitePath to, bool overwrites)
    {
        var fromParent = OpenParent(from);
        if (fromParent < 0)
        {
            return OutcomeOf(-fromParent);
        }

        var toParent = OpenParent(to);
        var outcome = toParent < 0 ? OutcomeOf(-toParent) : Move(fromParent, from.Name, toParent, to.Name, overwrites);
        if (outcome == ChangeOutcome.Done)
        {
            outcome = FlushFolder(toParent);
        }

        _ = Linux.Close(fromParent);
        if (toParent >= 0)
        {
            _ = Linux.Close(toParent);
        }

        return outcome;
    }

    public override ChangeOutcome Delete(SitePath path)
    {
        var parent = OpenParent(path);
        if (parent < 0)
        {
            return OutcomeOf(-parent);
        }

        var outcome = Delete(parent, path.Name, depth: 0);
        _ = FlushFolder(parent);
        _ = Linux.Close(parent);
        return outcome;
    }

    public override long FreeBytes() => new DriveInfo(_name).AvailableFreeSpace;

    private static ChangeOutcome Move(int fromParent, string from, int toParent, string to, bool overwrites)
    {
        fixed (byte* fromName = NativeName(from), toName = NativeName(to))
        {
            var isThere = Linux.Stat(toParent, toName, out var there, out var isLink) == 0;
            if (isThere && (!overwrites || (there.Kind == EntryKind.Folder && !isLink)))
            {
                return ChangeOutcome.Exists;
            }

            if (Linux.Rename(fromParent, fromName, toParent, toName, overwrites ? 0 : Linux.RenameNoReplace) == 0)
            {
                return ChangeOutcome.Done;
            }

            // Some file systems know no rename that spares what is there; then what was seen above has to do.
            var error = Marshal.GetLastPInvokeError();
            if (error == Linux.InvalidArgument && !overwrites)
            {
                error = Linux.Rename(fromParent, fromName, toParent, toName, 0) == 0 ? 0 : Marshal.GetLastPInvokeError();
            }

            return error == 0 ? ChangeOutcome.Done : OutcomeOf(error);
        }
    }

    private static ChangeOutcome Delete(int parent, string name, int depth)
    {
        fixed (byte* native = NativeName(name))
        {
            if (Linux.Unlink(parent, native, 0) == 0)
            {
                return ChangeOutcome.Done;
            }

            var error = Marshal.GetLastPInvokeError();
            if (error is not (Linux.IsAFolder or Linux.NotPermitted))
            {
                return OutcomeOf(error);
            }

            var outcome = depth < DepthMax ? Empty(parent, native, depth) : ChangeOutcome.Refused;
            return outcome != ChangeOutcome.Done ? outcome
                : Linux.Unlink(parent, native, Linux.AtRemoveFolder) == 0 ? ChangeOutcome.Done
                : OutcomeOf(Marshal.GetLastPInvokeError());
        }
    }

    private static ChangeOutcome Empty(int parent, byte* name, int depth)
    {
        var descriptor = Linux.OpenName(parent, name, Linux.OpenRead | Linux.OpenFolder);
        if (descriptor < 0)
        {
            return OutcomeOf(-descriptor);
        }

        using var listing = LinuxListing.Take(descriptor);
        var names = new List<string>();
        while (listing?.Next() is { } next)
        {
            names.Add(next);
        }

        foreach (var next in names)
        {
            var outcome = Delete(descriptor, next, depth + 1);
            if (outcome is not (ChangeOutcome.Done or ChangeOutcome.Missing))
            {
                return outcome;
            }
        }

        return ChangeOutcome.Done;
    }

    private static ChangeOutcome FlushFolder(int folder) =>
        Linux.Flush(folder) == 0 ? ChangeOutcome.Done : OutcomeOf(Marshal.GetLastPInvokeError());

    private static ChangeOutcome OutcomeOf(int error) => error switch
    {
        Linux.NoEntry or Linux.NotAFolder or Linux.TooManyLinks or Linux.NameTooLong => ChangeOutcome.Missing,
        Linux.Exists or Linux.NotEmpty or Linux.IsAFolder => ChangeOutcome.Exists,
        Linux.NoSpace or Linux.QuotaExceeded => ChangeOutcome.NoSpace,
        _ => ChangeOutcome.Refused,
    };

    private int OpenParent(SitePath path)
    {
        fixed (byte* native = NativeOf(path.Parent))
        {
            return path.IsRoot ? -Linux.NotPermitted : Open(native, Linux.OpenRead | Linux.OpenFolder, Resolve);
        }
    }
}
