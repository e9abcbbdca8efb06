namespace Interp.Surface.Torch;

using Interp.Surface.Support;
using Microsoft.CodeAnalysis.CSharp;
using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed class SurfaceComparisonTests
{
    private const string Theirs = """
        public class T
        {
            protected T() { }
            public int P { get; set; }
            public virtual int F(int a, int b = 1) => 0;
            public (int x, int y) G() => default;
            public static T operator +(T l, T r) => l;
        }
        """;

    [Theory]
    [InlineData("public class T { public virtual int F(int a, int b = 1) => 0; private T() { } internal int H() => 0; }", "")]
    [InlineData("public class T { public int P { get; } protected T() { } }", "")]
    [InlineData("public class T { public virtual int F(int a, int b = 2) => 0; protected T() { } }", "T: virtual int F(int a, int b = 2)")]
    [InlineData("public class T { public virtual int F(int a, int c = 1) => 0; protected T() { } }", "T: virtual int F(int a, int c = 1)")]
    [InlineData("public class T { public int F(int a, int b = 1) => 0; protected T() { } }", "T: int F(int a, int b = 1)")]
    [InlineData("public class T { public (int x, int z) G() => default; protected T() { } }", "T: (int x, int z) G()")]
    [InlineData("public class T { public int P { get; init; } protected T() { } }", "T: int P { init }")]
    [InlineData("public class T { }", "T: T()")]
    [InlineData("public sealed class T { private T() { } }", "T: sealed class instead of class")]
    [InlineData(
        "public class T : System.IDisposable { protected T() { } void System.IDisposable.Dispose() { } }",
        "T: implements System.IDisposable"
    )]
    [InlineData("public class T { protected T() { } public class U { private U() { } } }", "T.U: no such type")]
    public void Outside_OneDifference_NamesIt(string ours, string expected)
    {
        var (left, right) = (Compile(ours), Compile(Theirs));
        var theirs = SurfaceComparison.VisibleTypes(right.Assembly.GlobalNamespace).ToDictionary(type => type.ToDisplayString());
        var outside = SurfaceComparison
            .VisibleTypes(left.Assembly.GlobalNamespace)
            .SelectMany(type => SurfaceComparison.Outside(type, theirs.GetValueOrDefault(type.ToDisplayString())));
        string.Join('\n', outside).ShouldBe(expected);
    }

    private static CSharpCompilation Compile(string source) =>
        CSharpCompilation.Create(
            "x",
            [CSharpSyntaxTree.ParseText(source)],
            LibraryCompilation.Framework,
            new CSharpCompilationOptions(Microsoft.CodeAnalysis.OutputKind.DynamicallyLinkedLibrary)
        );
}
