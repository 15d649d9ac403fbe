using Mono.Unix;
using Mono.Unix.Native;

namespace BackupTool.Files;

/// <summary>Turns what a call of the system answers into an exception whose message says in a sentence for the user what was wrong.</summary>
internal static class UnixError
{
    /// <exception cref="IOException">The call failed.</exception>
    public static void Check(long result)
    {
        if (result < 0)
        {
            throw Last();
        }
    }

    /// <summary>Makes the exception for the call of this thread that failed last.</summary>
    public static IOException Last() => Of(Stdlib.GetLastError());

    public static IOException Of(Errno error) => new(Describe(error), (int)error);

    private static string Describe(Errno error) => error switch
    {
        Errno.ENOENT => "it is not there any more",
        Errno.EACCES or Errno.EPERM => "this user may not do that: permission denied",
        Errno.ENOSPC => "the disk is full",
        Errno.EDQUOT => "what this user may store on the disk is used up",
        Errno.EROFS => "the disk may only be read",
        Errno.EFBIG => "it is too large for this disk",
        Errno.ENAMETOOLONG => "its name is too long for this disk",
        Errno.ELOOP or Errno.ENOTDIR => "a symbolic link or a file lies where a folder should be",
        Errno.ENOTEMPTY or Errno.EEXIST => "a folder that isn't empty is in its way",
        Errno.EIO => "the disk has an error there",
        Errno.EMFILE or Errno.ENFILE => "too many files are open",
        _ => UnixMarshal.GetErrorDescription(error),
    };
}
