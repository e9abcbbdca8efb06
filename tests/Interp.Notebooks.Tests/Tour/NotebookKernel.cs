namespace Interp.Notebooks.Tests.Tour;

using System.Text.RegularExpressions;
using Interp.Tests.Support;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;
using Microsoft.DotNet.Interactive.Formatting;

/// <summary>Runs cells one behind the other as the C# kernel of .NET Interactive does: Roslyn's scripting, each cell seeing those before it.</summary>
/// <remarks>The assembly built here stands in for the package; referencing it runs its extension, as the kernel does.</remarks>
internal sealed partial class NotebookKernel
{
    // What the kernel has in scope from the beginning.
    private static readonly string[] Imports =
        ["System", "System.Collections", "System.Collections.Generic", "System.IO", "System.Linq", "System.Text", "System.Threading.Tasks"];

    // The compiler of the kernel's last release speaks C# 13.
    private static readonly ScriptOptions Options = ScriptOptions.Default.WithLanguageVersion(LanguageVersion.CSharp13)
        .WithImports(Imports).WithReferences(References());

    private ScriptState<object>? state;

    /// <summary>The packages that cells asked for.</summary>
    public List<string> Packages { get; } = [];

    /// <summary>Runs a cell and gives the value of its last expression, or null.</summary>
    public async Task<object?> Run(string code)
    {
        foreach (Match line in Package().Matches(code))
        {
            Packages.Add(line.Groups["id"].Value);
            foreach (var cell in NotebookFile.Read(Path.Combine(Repository.Root, "src", "Interp", "Notebooks", "extension.dib")))
                await Continue(cell.Text);
        }
        return await Continue(Package().Replace(code, ""));
    }

    private async Task<object?> Continue(string code)
    {
        state = state is null ? await CSharpScript.RunAsync<object>(code, Options) : await state.ContinueWithAsync<object>(code);
        return state.ReturnValue;
    }

    private static IEnumerable<string> References() =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var name && (name.StartsWith("System.", StringComparison.Ordinal)
                || name is "Interp.dll" or "Interp.Torch.dll" or "TorchSharp.dll" or "netstandard.dll"))
            .Append(typeof(Formatter).Assembly.Location);

    [GeneratedRegex("""^#r "nuget: *(?<id>[\w.]+)(, *[\w.*-]+)?"$""", RegexOptions.Multiline)]
    private static partial Regex Package();
}
