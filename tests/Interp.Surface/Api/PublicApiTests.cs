namespace Interp.Surface.Api;

using Interp.Surface.Support;
using Shouldly;
using Xunit;

/// <summary>The public API is what <c>PublicApi.txt</c> beside each project says, so that no change of it goes unseen.</summary>
[Trait("Tier", "unit")]
public sealed class PublicApiTests
{
    private const string Approve = "INTERP_APPROVE";

    [Theory]
    [InlineData("Interp")]
    [InlineData("Interp.Torch")]
    public void Api_OfTheAssembly_IsTheApprovedFile(string assembly)
    {
        var file = Path.Combine(Checkout.Root, "src", assembly, "PublicApi.txt");
        var now = PublicApi.Of(assembly);
        if (Environment.GetEnvironmentVariable(Approve) == "1")
            File.WriteAllText(file, now);
        var approved = File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : "";

        var lines = now.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var types = lines.Count(line => !line.StartsWith(' '));
        Evidence.Record("api-file", now == approved, $"{assembly}: {types} types, {lines.Length - types} members");
        (now == approved).ShouldBeTrue(
            $"""
            the public API of {assembly} is not src/{assembly}/PublicApi.txt:
            {Difference(approved, now)}
            If that is meant, write the file again and commit it:
              {Approve}=1 dotnet test tests/Interp.Surface --filter PublicApi
            """
        );
    }

    [Fact]
    public void Difference_OfTwoTexts_NamesTypeAndMember() =>
        Difference("class A\n  int Old()\n  void Same()\n", "class A\n  int New()\n  void Same()\n")
            .ShouldBe("- class A:   int Old()\n+ class A:   int New()");

    // Lines are compared with the type they stand under, so that the same member of two types is not one.
    private static string Difference(string approved, string now)
    {
        var (old, current) = (Qualified(approved), Qualified(now));
        var lines = old.Except(current).Select(line => "- " + line).Concat(current.Except(old).Select(line => "+ " + line)).ToArray();
        return string.Join('\n', lines.Take(40)) + (lines.Length > 40 ? $"\n... {lines.Length - 40} more" : "");
    }

    private static List<string> Qualified(string api)
    {
        var (type, lines) = ("", new List<string>());
        foreach (var line in api.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!line.StartsWith(' '))
                lines.Add(type = line);
            else
                lines.Add($"{type}: {line}");
        }
        return lines;
    }
}
