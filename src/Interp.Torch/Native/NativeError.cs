using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Interp.Native;

/// <summary>The last failure of the calling thread's shim call, as an exception.</summary>
internal static class NativeError
{
    private const string ManagedMark = "interp-managed-exception:";

    /// <summary>Throws what the shim reported: libtorch's first line, or the exception that a managed callback had thrown.</summary>
    [DoesNotReturn]
    internal static void Throw()
    {
        var text = Text();
        var mark = text.IndexOf(ManagedMark, StringComparison.Ordinal);
        if (mark >= 0)
        {
            var digits = text.AsSpan(mark + ManagedMark.Length);
            digits = digits[..digits.IndexOf(';')];
            if (Callbacks.TakeException(long.Parse(digits)) is { } thrown) ExceptionDispatchInfo.Capture(thrown).Throw();
        }
        throw new ExternalException(FirstLine(text));
    }

    /// <summary>Throws when the last call left a message: for calls whose null result may also be legitimate.</summary>
    internal static void ThrowIfAny()
    {
        if (Text().Length > 0) Throw();
    }

    internal static string Text() => Marshal.PtrToStringUTF8(NativeMethods.it_last_error()) ?? "";

    // The first line carries the statement; what follows is the C++ backtrace or, for unknown operators, a list of thousands of names.
    private static string FirstLine(string text)
    {
        var stop = text.IndexOf("Exception raised from", StringComparison.Ordinal);
        if (stop >= 0) text = text[..stop];
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            return line;
        }
        return "libtorch reported an error without a text.";
    }
}
