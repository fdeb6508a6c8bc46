using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Muster.Core.Problems;
using Muster.Core.Trees;

namespace Muster.Core.Filters;

/// <summary>Reads the lines of a filter and reports every fault with line and column.</summary>
internal static class FilterParser
{
    private const int MaxLines = 10_000;
    private const int MaxLine = 8192;

    public static (TreeFilter.Rule[] Rules, bool OnlyMatches) Parse(string text)
    {
        var faults = new Faults();
        var rules = new List<TreeFilter.Rule>();
        int number = 0, inverted = 0, globs = 0;
        foreach (var range in text.AsSpan().Split('\n'))
        {
            number++;
            var line = text[range].TrimEnd('\r');
            var start = line.Length - line.TrimStart(' ', '\t').Length;
            var word = line[start..].TrimEnd(' ', '\t');
            if (word.Length == 0 || word[0] == '#')
            {
                continue;
            }

            try
            {
                if (number > MaxLines || line.Length > MaxLine)
                {
                    throw new FilterFaultException(0, number > MaxLines ? $"a filter has at most {MaxLines} lines" : $"a line has at most {MaxLine} characters");
                }

                if (word == "!")
                {
                    inverted = inverted == 0 ? number : throw new FilterFaultException(start, "'!' stands once, it inverts the whole filter");
                    continue;
                }

                var rule = ParseRule(line, start);
                globs += rule.Glob is null ? 0 : 1;
                rules.Add(rule);
            }
            catch (FilterFaultException fault)
            {
                Add(faults, number, fault.Column + 1, fault.Message);
            }

            if (number > MaxLines)
            {
                break;
            }
        }

        if (inverted > 0 && globs > 0)
        {
            Add(faults, inverted, 1, "'!' inverts a filter of 'regex' lines only; write 'ignore /' first and then 'manage' lines");
        }

        faults.ThrowIfAny();
        return ([.. rules], inverted > 0);
    }

    private static void Add(Faults faults, int line, int column, string message) =>
        faults.Add("filter", string.Create(CultureInfo.InvariantCulture, $"line {line}, column {column}: {message}"));

    private static TreeFilter.Rule ParseRule(string line, int start)
    {
        var end = line.AsSpan(start).IndexOfAny(' ', '\t') is var length and >= 0 ? start + length : line.Length;
        var verb = line[start..end];
        if (verb is not ("ignore" or "manage" or "regex"))
        {
            throw new FilterFaultException(start, $"'{TreeText.Show(Encoding.UTF8.GetBytes(verb))}' is not a rule; a line is 'ignore GLOB', 'manage GLOB', 'regex EXPRESSION', '!' or a comment that begins with '#'");
        }

        while (end < line.Length && line[end] is ' ' or '\t')
        {
            end++;
        }

        return verb switch
        {
            "regex" => new TreeFilter.Rule(false, null, ParseRegex(line, end)),
            _ => new TreeFilter.Rule(verb == "manage", GlobParser.Parse(line, end), null),
        };
    }

    private static Regex ParseRegex(string line, int start)
    {
        var expression = line[start..];
        if (expression.Length == 0)
        {
            throw new FilterFaultException(start, "an expression is missing");
        }

        // The expression is matched over bytes, so what is not ASCII in it has to become its UTF-8 bytes too.
        expression = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(expression));
        if (expression.IndexOf("[[:", StringComparison.Ordinal) is var set and >= 0)
        {
            throw new FilterFaultException(start + set, "classes such as [[:alpha:]] are not known here; write [a-zA-Z]");
        }

        try
        {
            _ = new Regex(expression, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return new Regex(@"\A(?:" + expression + ")", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (RegexParseException e)
        {
            throw new FilterFaultException(start + e.Offset, $"not a regular expression: {e.Error}");
        }
        catch (NotSupportedException)
        {
            throw new FilterFaultException(start, "back references, look-arounds and atomic groups are not allowed in an expression");
        }
        catch (ArgumentException e)
        {
            throw new FilterFaultException(start, $"not a regular expression: {e.Message}");
        }
    }
}

/// <summary>A fault in one line, at a column counted from 0. Never leaves the parser.</summary>
internal sealed class FilterFaultException(int column, string message) : Exception(message)
{
    public int Column => column;
}
