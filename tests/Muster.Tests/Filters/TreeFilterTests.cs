using System.Text;
using Muster.Core.Filters;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Testing;
using Muster.Tests.Trees;

namespace Muster.Tests.Filters;

public sealed class TreeFilterTests
{
    [Fact]
    public void It_decides_as_the_plainest_reading_of_its_lines_does() => Property.Holds(3000, (random, _) =>
    {
        var text = string.Join('\n', Enumerable.Range(0, random.Next(6)).Select(_ => (random.Next(2) == 0 ? "ignore " : "manage ") + RandomGlob(random)));
        var filter = TreeFilter.Parse(text);
        for (var round = 0; round < 20; round++)
        {
            var path = RandomTrees.Path(random);
            Assert.True(PlainFilter.Manages(text, path) == filter.Manages(path), $"{path} under\n{text}");
        }
    });

    [Fact]
    public void What_it_says_of_everything_below_a_directory_is_true() => Property.Holds(2000, (random, _) =>
    {
        var filter = RandomTrees.Filter(random, RandomTrees.Any(random, 20));
        for (var round = 0; round < 20; round++)
        {
            var path = RandomTrees.Path(random);
            for (var directory = path.Parent; ; directory = directory.Parent)
            {
                var reach = filter.Below(directory);
                Assert.False(filter.Manages(path) && reach == FilterReach.None);
                Assert.False(!filter.Manages(path) && reach == FilterReach.All);
                if (directory.IsRoot)
                {
                    break;
                }
            }
        }
    });

    [Theory]
    [InlineData("ignore /proc", "proc/1/stat", false)]
    [InlineData("ignore /proc/**", "proc", true)]
    [InlineData("ignore /proc/**", "proc/1", false)]
    [InlineData("ignore *.log", "var/a.log", false)]
    [InlineData("ignore *.log", "var/a.log.d", true)]
    [InlineData("ignore /*.log", "var/a.log", true)]
    [InlineData("ignore /\nmanage /etc", "etc/passwd", true)]
    [InlineData("ignore /\nmanage /etc", "usr", false)]
    [InlineData("ignore /a/[b-d]?", "a/cx", false)]
    [InlineData("ignore /a/[!b-d]?", "a/cx", true)]
    [InlineData("ignore /a/[]x]", "a/]", false)]
    [InlineData(@"ignore /a\*", "a*", false)]
    [InlineData(@"ignore /a\*", "ab", true)]
    [InlineData("ignore /a/**/d", "a/d", false)]
    [InlineData("ignore /a/**/d", "a/b/c/d", false)]
    [InlineData("# nothing\n\n  ignore /x  ", "x", false)]
    [InlineData("", "usr/lib/muster-agent/current", false)]
    [InlineData("manage /", "var/lib/muster-agent", false)]
    [InlineData("", "usr/lib/systemd/system/muster-agent.service", false)]
    [InlineData("", "etc/systemd/system/muster-agent.service", false)]
    [InlineData("", "etc/systemd/system/multi-user.target.wants/muster-agent.service", false)]
    [InlineData("", ".muster-agent-not", true)]
    [InlineData("regex /etc/fstab", "etc/fstab.d/x", false)]
    [InlineData("regex /etc/fstab$", "etc/fstab.d/x", true)]
    [InlineData("regex /etc/.*\n!", "etc/passwd", true)]
    [InlineData("regex /etc/.*\n!", "usr/bin", false)]
    public void The_last_rule_that_matches_wins(string lines, string path, bool managed) =>
        Assert.Equal(managed, TreeFilter.Parse(lines).Manages(TreePath.FromText(path)));

    [Fact]
    public void Bytes_that_are_no_text_are_matched_by_expressions_and_globs()
    {
        var path = TreePath.FromBytes([(byte)'a', 0xE9, (byte)'\n', (byte)'z']);
        Assert.False(TreeFilter.Parse(@"ignore /a\xE9\nz").Manages(path));
        Assert.False(TreeFilter.Parse(@"regex /a\xE9[^a]z").Manages(path));
        Assert.False(TreeFilter.Parse("regex /caf\u00e9").Manages(TreePath.FromText("café/x")));
    }

    [Fact]
    public void An_ignored_directory_is_entered_only_where_a_later_rule_can_match_below_it()
    {
        var filter = TreeFilter.Parse("manage /var/cache/a\nignore /var/cache\nignore /srv\nmanage /srv/*/keep");
        Assert.False(filter.MayManageBelow(TreePath.FromText("var/cache")));
        Assert.True(filter.MayManageBelow(TreePath.FromText("srv/one")));
        Assert.False(filter.MayManageBelow(TreePath.FromText("srv/one/other")));
        Assert.Equal(FilterReach.All, filter.Below(TreePath.FromText("srv/one/keep")));
        Assert.False(TreeFilter.Everything.MayManageBelow(TreePath.FromText("usr/lib/muster-agent")));
    }

    [Fact]
    public void All_faults_are_reported_together_with_line_and_column()
    {
        const string Lines = """
            ignore
            ignroe /x
            manage /a//b
            ignore /a/../b
            ignore /a/b**c
            ignore /a/[bc
            ignore /a/[z-a]
            ignore /a\
            ignore /a\q
            ignore /a\x0
            regex /(a
            regex /(?=a)
            regex [[:alpha:]]
            !
            !
            """;
        var problem = Assert.Throws<ProblemException>(() => TreeFilter.Parse(Lines));
        Golden.Match(string.Join('\n', problem.Faults.Select(fault => $"{fault.Argument}: {fault.Message}")), "filter-faults.golden.txt");
    }

    [Fact]
    public void Hostile_globs_take_no_exponential_time()
    {
        var filter = TreeFilter.Parse("ignore /" + string.Concat(Enumerable.Repeat("**/a*a*a*a*b/", 100)) + "end");
        var path = TreePath.FromText(string.Join('/', Enumerable.Repeat(new string('a', 250), 200)));
        Assert.True(filter.Manages(path));
    }

    private static string RandomGlob(Random random)
    {
        string[] names = ["a", "b", "c", "a-b", "log", "usr", "lib", "*", "**", "a*", "*b", "?", "[ab]", "[!a]", "[a-c]", "l?g", "*-*", @"\xE9\n", "*a*b*"];
        var glob = string.Join('/', Enumerable.Range(0, random.Next(1, 5)).Select(_ => names[random.Next(names.Length)]));
        return random.Next(3) == 0 ? glob : "/" + glob;
    }

    /// <summary>The same language, read in the plainest way there is.</summary>
    private static class PlainFilter
    {
        public static bool Manages(string lines, TreePath path)
        {
            var managed = !path.ToString().StartsWith("/usr/lib/muster-agent", StringComparison.Ordinal)
                && !path.ToString().StartsWith("/var/lib/muster-agent", StringComparison.Ordinal);
            if (!managed)
            {
                return false;
            }

            foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                var glob = line[7..].Replace(@"\xE9", "\u00e9", StringComparison.Ordinal).Replace(@"\n", "\u0001", StringComparison.Ordinal);
                string[] pattern = glob[0] == '/' ? glob[1..].Split('/') : ["**", .. glob.Split('/')];
                var names = Encoding.Latin1.GetString(path.Bytes).Replace('\n', '\u0001').Split('/');
                if (Enumerable.Range(0, names.Length + 1).Any(count => Path(pattern, names[..count])))
                {
                    managed = line[0] == 'm';
                }
            }

            return managed;
        }

        private static bool Path(string[] pattern, string[] names) =>
            pattern.Length == 0 ? names.Length == 0
            : pattern[0] != "**" ? names.Length > 0 && Name(pattern[0], names[0]) && Path(pattern[1..], names[1..])
            : pattern.Length == 1 ? names.Length > 0
            : Enumerable.Range(0, names.Length + 1).Any(taken => Path(pattern[1..], names[taken..]));

        private static bool Name(string pattern, string name) => pattern switch
        {
            "" => name.Length == 0,
            ['*', ..] => Enumerable.Range(0, name.Length + 1).Any(taken => Name(pattern[1..], name[taken..])),
            ['?', ..] => name.Length > 0 && Name(pattern[1..], name[1..]),
            ['[', ..] => name.Length > 0 && Set(pattern[..(pattern.IndexOf(']', StringComparison.Ordinal) + 1)], name[0]) && Name(pattern[(pattern.IndexOf(']', StringComparison.Ordinal) + 1)..], name[1..]),
            _ => name.Length > 0 && pattern[0] == name[0] && Name(pattern[1..], name[1..]),
        };

        private static bool Set(string set, char one) => set switch
        {
            "[ab]" => one is 'a' or 'b',
            "[!a]" => one != 'a',
            _ => one is >= 'a' and <= 'c',
        };
    }
}
